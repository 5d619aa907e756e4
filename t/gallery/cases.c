/*
 * What the gallery shows: pleasant data first, then the rest.
 */

#include <math.h>
#include <stdio.h>

#include "gallery.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const char *const stages[] = { "Discovery",   "Qualification", "Proposal",
                                      "Negotiation", "Closed Won",    "Closed Lost" };
static const char *const regions[] = { "EMEA", "NA", "APAC", "LATAM" };
static const char *const channels[] = { "Organic search", "Paid search", "Email", "Referral",
                                        "Social",         "Events",      "Direct" };


static double
noise(gallery_t *g)
{
    return gallery_random(g) + gallery_random(g) + gallery_random(g) + gallery_random(g) - 2;
}


static const char *
month(int i)
{
    static char text[48];

    (void) snprintf(text, sizeof(text), "%04d-%02d-01", 2024 + i / 12, i % 12 + 1);
    return text;
}


/* Days after 2026-01-01. */
static const char *
day(int i)
{
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    static char text[48];
    int m = 0, y = 2026;

    while (i >= lengths[m]) {
        i -= lengths[m];
        if (++m == 12) {
            m = 0;
            y++;
        }
    }
    (void) snprintf(text, sizeof(text), "%04d-%02d-%02d", y, m + 1, i + 1);
    return text;
}


/* --- Bars --- */

static void
by_stage(gallery_t *g)
{
    static const double values[] = { 4210000, 3350000, 2800500, 1930000, 1520000, 640000 };

    for (size_t i = 0; i < N(stages); i++) {
        gallery_text(g, stages[i]);
        gallery_number(g, values[i]);
        gallery_end(g);
    }
}

static void
stage_by_region(gallery_t *g)
{
    for (size_t i = 0; i < N(stages); i++) {
        for (size_t r = 0; r < N(regions); r++) {
            gallery_text(g, stages[i]);
            gallery_number(g, 1e6 / (1 + (double) i) * (0.4 + gallery_random(g)));
            gallery_text(g, regions[r]);
            gallery_end(g);
        }
    }
}

static void
lying(gallery_t *g)
{
    for (size_t i = 0; i < N(stages); i++) {
        for (size_t r = 0; r < N(regions); r++) {
            gallery_number(g, 1e6 / (1 + (double) i) * (0.4 + gallery_random(g)));
            gallery_text(g, stages[i]);
            gallery_text(g, regions[r]);
            gallery_end(g);
        }
    }
}

static void
fifty(gallery_t *g)
{
    static const char *const first[] = { "Ana", "Ben", "Chloé", "Dmitri", "Elif" };
    static const char *const last[] = { "Moreau", "Okafor", "Silva", "Tanaka", "Weiß",
                                        "Young",  "Zhang",  "Novák", "Larsen", "Costa" };
    char name[64];

    for (int i = 0; i < 50; i++) {
        (void) snprintf(name, sizeof(name), "%s %s", first[i % 5], last[i / 5]);
        gallery_text(g, name);
        gallery_number(g, 2.4e6 * pow(0.94, i) * (0.97 + 0.03 * gallery_random(g)));
        gallery_end(g);
    }
}

static void
monthly(gallery_t *g)
{
    for (int i = 0; i < 29; i++) {
        if (i != 7 && i != 8) {
            gallery_text(g, month(i));
            gallery_number(g, round(800 + 15 * i + 200 * sin(i / 1.9) + 40 * noise(g)));
            gallery_end(g);
        }
    }
}

static void
long_names(gallery_t *g)
{
    static const char *const names[] = {
        "Customer Success and Professional Services (EMEA)",
        "Research & Development <Hardware>",
        "Manufacturing Operations, Test and Quality Assurance",
        "Sales",
        "Human Resources, Learning & Workplace Experience",
        "Donaudampfschifffahrtsgesellschaftskapitänsvereinigung",
        "財務・法務・コンプライアンス本部",
        "المبيعات والتسويق",
        "Финансы и бухгалтерия",
        "विपणन",
        "מחלקת שיווק",
    };

    for (size_t i = 0; i < N(names); i++) {
        gallery_text(g, names[i]);
        gallery_number(g, 980 - 71.3 * (double) i);
        gallery_end(g);
    }
}

static void
thousand(gallery_t *g)
{
    char name[32];

    for (int i = 0; i < 1000; i++) {
        (void) snprintf(name, sizeof(name), "ACC-%05d", 10007 + i * 37);
        gallery_text(g, name);
        gallery_number(g, round(3 + 900 * pow(gallery_random(g), 6)));
        gallery_end(g);
    }
}

static void
negatives(gallery_t *g)
{
    static const double values[] = { 12.5, -3.2, 8, -11.75, NAN, 4.1, -0.4, 15 };
    static const char *const names[] = { "Software", "Hardware", "Travel",    "Rent",
                                         "Unknown",  "Energy",   "Insurance", NULL };

    for (size_t i = 0; i < N(values); i++) {
        gallery_text(g, names[i]);
        gallery_number(g, values[i]);
        gallery_end(g);
    }
}

static void
stacked_negatives(gallery_t *g)
{
    static const char *const kinds[] = { "Revenue", "Cost of goods", "Operating expense" };

    for (int q = 0; q < 8; q++) {
        char quarter[32];

        (void) snprintf(quarter, sizeof(quarter), "%dQ%d", 2024 + q / 4, q % 4 + 1);
        for (size_t k = 0; k < N(kinds); k++) {
            gallery_text(g, quarter);
            gallery_number(g, (k == 0 ? 5.2e6 : -1.6e6) * (1 + 0.04 * q + 0.1 * noise(g)));
            gallery_text(g, kinds[k]);
            gallery_end(g);
        }
    }
}

static void
many_series(gallery_t *g)
{
    char series[32];

    for (int q = 0; q < 6; q++) {
        char quarter[32];

        (void) snprintf(quarter, sizeof(quarter), "%dQ%d", 2025 + q / 4, q % 4 + 1);
        for (int s = 0; s < 23; s++) {
            (void) snprintf(series, sizeof(series), "Product %d", s + 1);
            gallery_text(g, quarter);
            gallery_number(g, 1e5 * (24 - s) * (0.7 + 0.6 * gallery_random(g)));
            gallery_text(g, series);
            gallery_end(g);
        }
    }
}

static void
by_boolean(gallery_t *g)
{
    static const char *const priorities[] = { "P1 Urgent", "P2 High", "P3 Normal", "P4 Low" };

    for (int r = 0; r < 2; r++) {
        for (size_t p = 0; p < N(priorities); p++) {
            gallery_number(g, r);
            gallery_number(g, 4.6 - 0.9 * r - 0.17 * (double) p);
            gallery_text(g, priorities[p]);
            gallery_end(g);
        }
    }
}

static void
one(gallery_t *g)
{
    gallery_text(g, "EMEA");
    gallery_number(g, 42);
    gallery_end(g);
}

static void
nothing(gallery_t *g)
{
    (void) g;
}

static void
constant(gallery_t *g)
{
    for (int i = 0; i < 12; i++) {
        gallery_text(g, month(i));
        gallery_number(g, 7);
        gallery_end(g);
    }
}

static void
by_hour(gallery_t *g)
{
    for (int h = 0; h < 24; h++) {
        for (size_t r = 0; r < 3; r++) {
            gallery_number(g, h);
            gallery_number(g, round(20 + 80 * exp(-pow((h - 14) / 4.0, 2)) + 5 * noise(g)));
            gallery_text(g, regions[r]);
            gallery_end(g);
        }
    }
}

/* --- Lines and areas --- */

static void
monthly_by_channel(gallery_t *g)
{
    for (int i = 0; i < 28; i++) {
        for (size_t c = 0; c < N(channels); c++) {
            gallery_text(g, month(i));
            gallery_number(g, (2e5 / (1 + (double) c)) * (1 + 0.02 * i + 0.15 * sin(i / 1.9))
                                  + 9000 * noise(g));
            gallery_text(g, channels[c]);
            gallery_end(g);
        }
    }
}

static void
daily(gallery_t *g)
{
    for (int i = 0; i < 365; i++) {
        gallery_text(g, day(i));
        gallery_number(g, i % 41 == 20 ? NAN
                                       : 3.9 + 0.3 * sin(i / 40.0) + 0.12 * noise(g)
                                             - (i > 200 && i < 215 ? 0.9 : 0));
        gallery_end(g);
    }
}

static void
huge_line(gallery_t *g)
{
    double v = 0;

    for (int i = 0; i < 100000; i++) {
        v += noise(g);
        gallery_number(g, i);
        gallery_number(g, v);
        gallery_end(g);
    }
}

static void
gaps(gallery_t *g)
{
    static const double values[] = { 3, 4, NAN, 5, NAN, NAN, 7, 6.5, 6.8, NAN, -2, -1.5 };

    for (size_t i = 0; i < N(values); i++) {
        gallery_text(g, month((int) i));
        gallery_number(g, values[i]);
        gallery_end(g);
    }
}

static void
by_minute(gallery_t *g)
{
    char text[64];

    for (int i = 0; i < 240; i++) {
        (void) snprintf(text, sizeof(text), "2026-03-14T%02d:%02d:00Z", 21 + i / 60, i % 60);
        if (21 + i / 60 > 23) {
            (void) snprintf(text, sizeof(text), "2026-03-15T00:%02d:00Z", i % 60);
        }
        gallery_text(g, text);
        gallery_number(g, 120 + 40 * noise(g) + (i > 100 && i < 130 ? 300 : 0));
        gallery_end(g);
    }
}

static void
tiny_values(gallery_t *g)
{
    for (int i = 0; i < 20; i++) {
        gallery_text(g, day(i * 7));
        gallery_number(g, 3.2e-7 * (1 + 0.4 * sin(i)));
        gallery_end(g);
    }
}

static void
huge_values(gallery_t *g)
{
    for (int i = 0; i < 20; i++) {
        gallery_text(g, day(i * 7));
        gallery_number(g, 4.4e17 * (1 + 0.4 * sin(i)));
        gallery_end(g);
    }
}

static void
thirty_series(gallery_t *g)
{
    char series[32];

    for (int s = 0; s < 30; s++) {
        double v = 40 + s;

        (void) snprintf(series, sizeof(series), "Sensor %d", s + 1);
        for (int i = 0; i < 60; i++) {
            v += noise(g);
            gallery_text(g, day(i));
            gallery_number(g, v);
            gallery_text(g, series);
            gallery_end(g);
        }
    }
}

/* --- Parts of a whole --- */

static void
by_channel(gallery_t *g)
{
    static const double values[] = { 812000, 640500, 287000, 201000, 155000, 98000, 41000 };

    for (size_t i = 0; i < N(channels); i++) {
        gallery_text(g, channels[i]);
        gallery_number(g, values[i]);
        gallery_end(g);
    }
}

static void
many_slices(gallery_t *g)
{
    char name[64];

    for (int i = 0; i < 60; i++) {
        (void) snprintf(name, sizeof(name), "Supplier %c%c, Incorporated", 'A' + i % 26,
                        'a' + i * 7 % 26);
        gallery_text(g, i == 13 ? NULL : name);
        gallery_number(g, i == 5 ? -20 : 1000 * pow(0.82, i));
        gallery_end(g);
    }
}

static void
products(gallery_t *g)
{
    static const char *const families[] = { "Sensors", "Gateways", "Software", "Services",
                                            "Spare parts" };
    char name[64];

    for (size_t f = 0; f < N(families); f++) {
        for (int i = 0; i < 9 - (int) f; i++) {
            (void) snprintf(name, sizeof(name), "%s %s %d00", families[f],
                            i % 2 ? "Pro" : "Mini", i + 1);
            gallery_text(g, families[f]);
            gallery_number(g, 900000 * pow(0.7, (double) f + i) * (0.7 + gallery_random(g)));
            gallery_text(g, name);
            gallery_end(g);
        }
    }
}

static void
specks(gallery_t *g)
{
    char name[32];

    for (int i = 0; i < 800; i++) {
        (void) snprintf(name, sizeof(name), "Account %d", i + 1);
        gallery_text(g, name);
        gallery_number(g, 5000 / pow(i + 1, 1.1));
        gallery_end(g);
    }
}

/* --- Distributions --- */

static void
binned(gallery_t *g)
{
    for (int i = 0; i < 26; i++) {
        gallery_number(g, 40000 + 5000 * i);
        gallery_number(g, 45000 + 5000 * i);
        gallery_number(g,
                       round(300 * exp(-pow((i - 8) / 5.0, 2)) * (0.9 + 0.2 * noise(g)) + 2));
        gallery_end(g);
    }
}

static void
raw_values(gallery_t *g)
{
    for (int i = 0; i < 20000; i++) {
        gallery_number(g, i % 50 == 0 ? NAN : exp(3 + 0.6 * noise(g)));
        gallery_end(g);
    }
}

static void
deals(gallery_t *g)
{
    for (int i = 0; i < 160; i++) {
        size_t r = (size_t) (gallery_random(g) * 4);
        double amount = exp(10.5 + 0.9 * noise(g));

        gallery_text(g, day((int) (gallery_random(g) * 360)));
        gallery_number(g, fmax(0, 12 + 6 * noise(g) + 2 * (double) r));
        gallery_text(g, regions[r]);
        gallery_number(g, amount);
        gallery_end(g);
    }
}

static void
cloud(gallery_t *g)
{
    for (int i = 0; i < 100000; i++) {
        size_t r = (size_t) (gallery_random(g) * 4);
        double x = 40 + 12 * noise(g) + 14 * (double) r;

        gallery_number(g, x);
        gallery_number(g, 20 + 0.8 * x + 14 * noise(g) - 11 * (double) r);
        gallery_text(g, regions[r]);
        gallery_end(g);
    }
}

static void
ramp_dots(gallery_t *g)
{
    for (int i = 0; i < 400; i++) {
        double x = 10 * gallery_random(g), y = 10 * gallery_random(g);

        gallery_number(g, x);
        gallery_number(g, y - 5);
        gallery_number(g, 200 * sin(x / 2) * cos(y / 3) + 220);
        gallery_end(g);
    }
}

static void
levels(gallery_t *g)
{
    static const char *const names[] = { "L1", "L2", "L3", "L4", "L5", "L6" };

    for (int i = 0; i < 900; i++) {
        size_t l = (size_t) (6 * pow(gallery_random(g), 1.4));

        gallery_text(g, names[l]);
        gallery_number(g, 52000 + 19000 * (double) l + 9000 * noise(g));
        gallery_end(g);
    }
}

/* --- Heatmaps --- */

static void
week(gallery_t *g)
{
    for (int d = 0; d < 7; d++) {
        for (int h = 0; h < 24; h++) {
            double v = (d > 0 && d < 6 ? 300 : 40) * exp(-pow((h - 13) / 4.5, 2));

            gallery_number(g, h);
            gallery_number(g, d);
            gallery_number(g, round(v * (0.8 + 0.4 * gallery_random(g))));
            gallery_end(g);
        }
    }
}

static void
stage_heat(gallery_t *g)
{
    for (size_t r = 0; r < N(regions); r++) {
        for (size_t i = 0; i < N(stages); i++) {
            if (r != 2 || i != 3) {
                gallery_text(g, stages[i]);
                gallery_text(g, regions[r]);
                gallery_number(g, round(120 / (1 + (double) i) * (0.5 + gallery_random(g))));
                gallery_end(g);
            }
        }
    }
}

static void
variances(gallery_t *g)
{
    static const char *const accounts[] = { "Hardware revenue",   "Subscription revenue",
                                            "Cost of components", "Marketing spend",
                                            "Travel and events",  "Insurance and rent",
                                            "Salaries",           "Energy" };

    for (size_t a = 0; a < N(accounts); a++) {
        for (int i = 0; i < 18; i++) {
            gallery_text(g, month(i));
            gallery_text(g, accounts[a]);
            gallery_number(g, 9 * noise(g) + 2);
            gallery_end(g);
        }
    }
}

static void
big_heat(gallery_t *g)
{
    char name[32];

    for (int y = 0; y < 120; y++) {
        (void) snprintf(name, sizeof(name), "ACC-%04d", y * 13 + 1000);
        for (int x = 0; x < 200; x++) {
            gallery_text(g, day(x));
            gallery_text(g, name);
            gallery_number(g, round(50 + 30 * sin(x / 9.0 + y / 17.0) + 10 * noise(g)));
            gallery_end(g);
        }
    }
}

/* As the query of such an encoding orders its rows. */
#define STAGE                                                                                  \
    "{\"field\":\"stage\",\"type\":\"nominal\",\"title\":\"Stage\",\"sort\":[\"Discovery\","   \
    "\"Qualification\",\"Proposal\",\"Negotiation\",\"Closed Won\",\"Closed Lost\"]}"
#define BY_VALUE(field, title)                                                                 \
    "{\"field\":\"" field "\",\"type\":\"nominal\",\"sort\":\"-y\",\"title\":\"" title "\"}"
#define NOMINAL(field, title)                                                                  \
    "{\"field\":\"" field "\",\"type\":\"nominal\",\"title\":\"" title "\"}"
#define SUM_USD                                                                                \
    "{\"field\":\"amount_usd\",\"aggregate\":\"sum\",\"type\":\"quantitative\","               \
    "\"title\":\"Total Amount (USD)\"}"
#define COUNT(title)                                                                           \
    "{\"aggregate\":\"count\",\"type\":\"quantitative\",\"title\":\"" title "\"}"
#define MEAN(field, title)                                                                     \
    "{\"field\":\"" field                                                                      \
    "\",\"aggregate\":\"mean\",\"type\":\"quantitative\",\"title\":\"" title "\"}"
#define QUANTITY(field, title)                                                                 \
    "{\"field\":\"" field "\",\"type\":\"quantitative\",\"title\":\"" title "\"}"
#define MONTHS(title)                                                                          \
    "{\"field\":\"date\",\"timeUnit\":\"yearmonth\",\"type\":\"temporal\",\"title\":\"" title  \
    "\"}"
#define TIME(title) "{\"field\":\"date\",\"type\":\"temporal\",\"title\":\"" title "\"}"

const gallery_case_t gallery_cases[] = {
    { "bar-simple", "bar", 960, 540, "Pipeline by stage",
      "region = EMEA, close_quarter = 2026Q1", "{\"x\":" STAGE ",\"y\":" SUM_USD "}",
      "stage:string,sum_amount_usd:float", by_stage },
    { "bar-stacked", "bar", 960, 540, "Pipeline by stage and region", "",
      "{\"x\":" STAGE ",\"y\":" SUM_USD ",\"color\":" NOMINAL("region", "Region") "}",
      "stage:string,sum_amount_usd:float,region:string", stage_by_region },
    { "bar-grouped", "bar", 960, 540, "Satisfaction of reopened tickets", "",
      "{\"x\":" NOMINAL("is_reopened", "Was Reopened") ",\"y\":" MEAN(
          "csat", "Average Satisfaction") ",\"color\":" NOMINAL("priority", "Priority") "}",
      "is_reopened:boolean,mean_csat:float,priority:string", by_boolean },
    { "bar-normalized", "bar", 960, 540, "Regions in each stage", "",
      "{\"x\":" STAGE ",\"y\":{\"field\":\"amount_usd\",\"aggregate\":"
      "\"sum\",\"type\":\"quantitative\",\"stack\":"
      "\"normalize\",\"title\":\"Amount\"},"
      "\"color\":" NOMINAL("region", "Region") "}",
      "stage:string,sum_amount_usd:float,region:string", stage_by_region },
    { "bar-fifty", "bar", 800, 600, "Bookings by owner", "2026, all regions",
      "{\"x\":" BY_VALUE("owner", "Owner") ",\"y\":" SUM_USD "}",
      "owner:string,sum_amount_usd:float", fifty },
    { "bar-months", "bar", 960, 540, "Tickets by month", "",
      "{\"x\":" MONTHS("Created (month)") ",\"y\":" COUNT("Number of tickets") "}",
      "yearmonth_date:date,count:integer", monthly },
    { "bar-hours", "bar", 960, 540, "Tickets by hour of the day", "",
      "{\"x\":{\"field\":\"at\",\"timeUnit\":\"hours\",\"type\":\"ordinal\",\"title\":"
      "\"Hour "
      "of the day\"},\"y\":" COUNT("Number of tickets") ",\"color\":" NOMINAL("region",
                                                                              "Region") "}",
      "hours_at:integer,count:integer,region:string", by_hour },
    { "bar-long-names", "bar", 960, 540,
      "Headcount by department with a title that is itself "
      "so long that it has to be broken into two lines before it can be shown",
      "",
      "{\"x\":" BY_VALUE("department", "Department") ",\"y\":" COUNT("Number of people") "}",
      "department:string,count:integer", long_names },
    { "bar-thousand", "bar", 960, 540, "Sessions by account", "",
      "{\"x\":" NOMINAL("account", "Account") ",\"y\":" COUNT("Number of sessions") "}",
      "account:string,count:integer", thousand },
    { "bar-negative", "bar", 960, 540, "Variance by account", "",
      "{\"x\":" NOMINAL("account", "Account") ",\"y\":" MEAN("variance_pct",
                                                             "Average Variance (%)") "}",
      "account:string,mean_variance_pct:float", negatives },
    { "bar-stacked-negative", "bar", 960, 540, "Result by quarter", "",
      "{\"x\":" NOMINAL("quarter", "Quarter") ",\"y\":" SUM_USD
                                              ",\"color\":" NOMINAL("kind", "Kind") "}",
      "quarter:string,sum_amount_usd:float,kind:string", stacked_negatives },
    { "bar-many-series", "bar", 960, 540, "Bookings by product", "",
      "{\"x\":" NOMINAL("quarter", "Quarter") ",\"y\":" SUM_USD
                                              ",\"color\":" NOMINAL("product", "Product") "}",
      "quarter:string,sum_amount_usd:float,product:string", many_series },
    { "bar-horizontal", "bar", 960, 540, "Pipeline by stage", "",
      "{\"y\":" STAGE ",\"x\":" SUM_USD ",\"color\":" NOMINAL("region", "Region") "}",
      "sum_amount_usd:float,stage:string,region:string", lying },
    { "bar-one", "bar", 960, 540, "A single bar", "",
      "{\"x\":" NOMINAL("region", "Region") ",\"y\":" COUNT("Deals") "}",
      "region:string,count:integer", one },
    { "bar-empty", "bar", 960, 540, "Nothing here", "region = Atlantis",
      "{\"x\":" NOMINAL("region", "Region") ",\"y\":" COUNT("Deals") "}",
      "region:string,count:integer", nothing },
    { "bar-tiny", "bar", 200, 150, "Pipeline by stage", "region = EMEA",
      "{\"x\":" STAGE ",\"y\":" SUM_USD "}", "stage:string,sum_amount_usd:float", by_stage },
    { "bar-huge", "bar", 4096, 4096, "Pipeline by stage and region", "close_quarter = 2026Q1",
      "{\"x\":" STAGE ",\"y\":" SUM_USD ",\"color\":" NOMINAL("region", "Region") "}",
      "stage:string,sum_amount_usd:float,region:string", stage_by_region },
    { "line-series", "line", 960, 540, "Spend by channel", "2024 to 2026",
      "{\"x\":" MONTHS("Month") ",\"y\":" SUM_USD
                                ",\"color\":" NOMINAL("channel", "Channel") "}",
      "yearmonth_date:date,sum_amount_usd:float,channel:string", monthly_by_channel },
    { "line-single", "line", 960, 540, "Tickets by month", "",
      "{\"x\":" MONTHS("Created (month)") ",\"y\":" COUNT("Number of tickets") "}",
      "yearmonth_date:date,count:integer", monthly },
    { "line-daily", "line", 960, 540, "Satisfaction after the incident", "",
      "{\"x\":" TIME("Created (day)") ",\"y\":" MEAN("csat", "Average Satisfaction") "}",
      "date:date,mean_csat:float", daily },
    { "line-hundred-thousand", "line", 960, 540, "A hundred thousand points", "",
      "{\"x\":" QUANTITY("step", "Step") ",\"y\":" QUANTITY("value", "Value") "}",
      "step:integer,value:float", huge_line },
    { "line-gaps", "line", 960, 540, "With gaps", "",
      "{\"x\":" MONTHS("Month") ",\"y\":" MEAN("value", "Value") "}",
      "yearmonth_date:date,mean_value:float", gaps },
    { "line-minutes", "line", 960, 540, "Latency around midnight", "",
      "{\"x\":" TIME("Time") ",\"y\":" MEAN("latency_ms", "Average Latency (ms)") "}",
      "date:timestamp,mean_latency_ms:float", by_minute },
    { "line-tiny-values", "line", 960, 540, "Very small numbers", "",
      "{\"x\":" TIME("Week") ",\"y\":" MEAN("value", "Value") "}", "date:date,mean_value:float",
      tiny_values },
    { "line-huge-values", "line", 960, 540, "Very large numbers", "",
      "{\"x\":" TIME("Week") ",\"y\":" MEAN("value", "Value") "}", "date:date,mean_value:float",
      huge_values },
    { "line-constant", "line", 960, 540, "Always seven", "",
      "{\"x\":" MONTHS("Month") ",\"y\":" MEAN("value", "Value") "}",
      "yearmonth_date:date,mean_value:float", constant },
    { "line-thirty-series", "line", 960, 540, "Thirty sensors", "",
      "{\"x\":" TIME("Day") ",\"y\":" MEAN("value", "Temperature") ",\"color\":" NOMINAL(
          "sensor", "Sensor") "}",
      "date:date,mean_value:float,sensor:string", thirty_series },
    { "line-small", "line", 320, 200, "Spend by channel", "2024 to 2026",
      "{\"x\":" MONTHS("Month") ",\"y\":" SUM_USD
                                ",\"color\":" NOMINAL("channel", "Channel") "}",
      "yearmonth_date:date,sum_amount_usd:float,channel:string", monthly_by_channel },
    { "line-one", "line", 960, 540, "A single point", "",
      "{\"x\":" NOMINAL("region", "Region") ",\"y\":" COUNT("Deals") "}",
      "region:string,count:integer", one },
    { "area-stacked", "area", 960, 540, "Spend by channel", "",
      "{\"x\":" MONTHS("Month") ",\"y\":" SUM_USD
                                ",\"color\":" NOMINAL("channel", "Channel") "}",
      "yearmonth_date:date,sum_amount_usd:float,channel:string", monthly_by_channel },
    { "area-normalized", "area", 960, 540, "Mix over time", "",
      "{\"x\":" MONTHS("Month") ",\"y\":{\"field\":\"amount_usd\",\"aggregate\":\"sum\","
                                "\"type\":\"quantitative\",\"stack\":\"normalize\","
                                "\"title\":\"Total Spend (USD)\"},"
                                "\"color\":" NOMINAL("channel", "Channel") "}",
      "yearmonth_date:date,sum_amount_usd:float,channel:string", monthly_by_channel },
    { "area-single", "area", 960, 540, "Tickets by month", "",
      "{\"x\":" MONTHS("Created (month)") ",\"y\":" COUNT("Number of tickets") "}",
      "yearmonth_date:date,count:integer", monthly },
    { "pie", "pie", 960, 540, "Share of spend", "2026Q1",
      "{\"color\":" NOMINAL("channel", "Channel") ",\"theta\":" SUM_USD "}",
      "channel:string,sum_amount_usd:float", by_channel },
    { "donut", "donut", 960, 540, "Share of spend", "2026Q1",
      "{\"color\":" NOMINAL("channel", "Channel") ",\"theta\":" SUM_USD "}",
      "channel:string,sum_amount_usd:float", by_channel },
    { "pie-many", "pie", 960, 540, "Value on hand by supplier", "",
      "{\"color\":" NOMINAL("supplier", "Supplier") ",\"theta\":" SUM_USD "}",
      "supplier:string,sum_amount_usd:float", many_slices },
    { "donut-small", "donut", 240, 180, "Share of spend", "2026Q1",
      "{\"color\":" NOMINAL("channel", "Channel") ",\"theta\":" SUM_USD "}",
      "channel:string,sum_amount_usd:float", by_channel },
    { "pie-one", "pie", 640, 400, "All of it", "",
      "{\"color\":" NOMINAL("region", "Region") ",\"theta\":" COUNT("Deals") "}",
      "region:string,count:integer", one },
    { "treemap", "treemap", 960, 540, "Value by product", "April",
      "{\"color\":" NOMINAL("family", "Family") ",\"size\":" SUM_USD ",\"detail\":" NOMINAL(
          "product", "Product") "}",
      "family:string,sum_amount_usd:float,product:string", products },
    { "treemap-specks", "treemap", 960, 540, "Eight hundred accounts", "",
      "{\"size\":" COUNT("Sessions") ",\"detail\":" NOMINAL("account", "Account") "}",
      "account:string,count:integer", specks },
    { "treemap-small", "treemap", 300, 200, "Value by product", "",
      "{\"color\":" NOMINAL("family", "Family") ",\"size\":" SUM_USD ",\"detail\":" NOMINAL(
          "product", "Product") "}",
      "family:string,sum_amount_usd:float,product:string", products },
    { "histogram", "histogram", 960, 540, "Pay distribution", "",
      "{\"x\":{\"field\":\"base_salary_usd\",\"type\":\"quantitative\",\"bin\":{"
      "\"maxbins\":"
      "30},\"title\":\"Base Salary (USD)\"},\"y\":" COUNT("Number of people") "}",
      "bin_base_salary_usd:float,bin_base_salary_usd_end:float,count:integer", binned },
    { "histogram-raw", "histogram", 960, 540, "Durations", "",
      "{\"x\":" QUANTITY("minutes", "Minutes") "}", "minutes:float", raw_values },
    { "scatter", "scatter", 960, 540, "Deals and their discounts", "discount > 0",
      "{\"x\":" TIME("Close Date") ",\"y\":" QUANTITY(
          "discount_pct",
          "Discount (%)") ",\"color\":" NOMINAL("region",
                                                "Region") ",\"size\":" QUANTITY("amount_"
                                                                                "usd",
                                                                                "Amount "
                                                                                "(USD)") "}",
      "date:date,discount_pct:float,region:string,amount_usd:float", deals },
    { "scatter-cloud", "scatter", 960, 540, "A hundred thousand sessions", "",
      "{\"x\":" QUANTITY("minutes", "Duration (min)") ",\"y\":" QUANTITY(
          "events", "Events") ",\"color\":" NOMINAL("region", "Region") "}",
      "minutes:float,events:float,region:string", cloud },
    { "scatter-ramp", "scatter", 960, 540, "Coloured by a quantity", "",
      "{\"x\":" QUANTITY("x", "Longitude") ",\"y\":" QUANTITY(
          "y", "Latitude") ",\"color\":" QUANTITY("height", "Height (m)") "}",
      "x:float,y:float,height:float", ramp_dots },
    { "scatter-bands", "scatter", 960, 540, "Pay by level", "",
      "{\"x\":" NOMINAL("level", "Level") ",\"y\":" QUANTITY("base_salary_usd",
                                                             "Base Salary (USD)") "}",
      "level:string,base_salary_usd:float", levels },
    { "heatmap-week", "heatmap", 960, 540, "When tickets come in", "",
      "{\"x\":{\"field\":\"at\",\"timeUnit\":\"hours\",\"type\":\"ordinal\",\"title\":"
      "\"Hour "
      "of the day\"},\"y\":{\"field\":\"at\",\"timeUnit\":\"day\",\"type\":\"ordinal\","
      "\"title\":\"Day of the week\"},\"color\":" COUNT("Number of tickets") "}",
      "hours_at:integer,day_at:integer,count:integer", week },
    { "heatmap-small", "heatmap", 960, 540, "Stage by region", "",
      "{\"x\":" STAGE
      ",\"y\":" NOMINAL("region", "Region") ",\"color\":" COUNT("Number of deals") "}",
      "stage:string,region:string,count:integer", stage_heat },
    { "heatmap-diverging", "heatmap", 960, 540, "Variance against budget", "",
      "{\"x\":" MONTHS("Month") ",\"y\":" NOMINAL("account", "Account") ",\"color\":" MEAN(
          "variance_pct", "Average Variance (%)") "}",
      "yearmonth_date:date,account:string,mean_variance_pct:float", variances },
    { "heatmap-big", "heatmap", 960, 540, "Sessions by account and day", "",
      "{\"x\":{\"field\":\"date\",\"timeUnit\":\"yearmonthdate\",\"type\":\"temporal\","
      "\"title\":\"Day\"},\"y\":" NOMINAL("account", "Account") ",\"color\":" COUNT(
          "Number of sessions") "}",
      "yearmonthdate_date:date,account:string,count:integer", big_heat },
};

const size_t gallery_n_cases = N(gallery_cases);
