-- One row a campaign, region and week. Every quarter each channel runs a campaign in most
-- regions; paid channels buy reach with falling returns, trade shows cost much in three weeks,
-- e-mail costs next to nothing. Revenue is credited to the week of the first touch.

CREATE TEMP TABLE channel (name, budget, cpm, ctr, lead_rate, deal, weeks, code);
INSERT INTO channel VALUES
-- budget: USD a week in a region of average size; cpm: USD per 1,000 impressions; deal: USD a qualified lead brings
('Paid Search', 3900, 62, 0.0410, 0.0340, 340, 13, 'PS'),
('Paid Social', 3100, 24, 0.0085, 0.0260, 290, 12, 'SO'),
('Email', 420, 9, 0.0270, 0.0480, 210, 13, 'EM'),
('Webinar', 1500, 45, 0.0220, 0.1150, 390, 8, 'WB'),
('Trade Show', 21000, 480, 0.0350, 0.2050, 560, 3, 'TS'),
('Content Syndication', 1750, 33, 0.0120, 0.0700, 180, 11, 'CS'),
('Partner Co-Marketing', 1150, 38, 0.0160, 0.0850, 520, 10, 'PC');

CREATE TEMP TABLE quarter AS
SELECT quarter, min(date) AS first_day, row_number() OVER (ORDER BY quarter) AS q,
       nth('Zero Spoilage|Cold Chain Summit|Harvest Fresh|Year-End Audit|Vaccine Safety|Sensor Spring|Route Insights Launch|Audit Ready|Every Degree Counts|Summer Without Surprises',
           row_number() OVER (ORDER BY quarter)) AS theme
FROM calendar GROUP BY quarter;

WITH RECURSIVE week(w) AS (SELECT 0 UNION ALL SELECT w + 1 FROM week WHERE w < 12),
area(region, size) AS (VALUES ('NA', 1.55), ('EMEA', 1.3), ('APAC', 0.7), ('LATAM', 0.42)),
flight AS MATERIALIZED (
    SELECT c.*, q.quarter, q.q, q.theme, a.region, a.size, w.w,
           -- Monday of the week; a campaign starts up to three weeks into its quarter.
           date(q.first_day, 'weekday 1', '+' || (7 * (w.w + rndint(0, 2, 'start', c.name, q.q) * (c.weeks < 12))) || ' days') AS week_start,
           (q.q * 7 + c.rowid) AS campaign_n
    FROM quarter q JOIN channel c JOIN area a JOIN week w ON w.w < c.weeks
    WHERE rnd('runs', c.name, q.q, a.region) < iif(c.name IN ('Paid Search', 'Email'), 1.0, 0.86)
),
spent AS MATERIALIZED (
    SELECT *,
           budget * size * (1 + 0.055 * q)
               * nth('1.05|1.1|0.85|1.15', 1 + (q - 1) % 4)
               * CASE WHEN w = 0 THEN 0.6 WHEN w = weeks - 1 THEN 0.7 ELSE 1 END
               * iif(substr(week_start, 6) BETWEEN '12-20' AND '12-31', 0.35, 1)
               * lognormal(1, 0.24, 'spend', campaign_n, region, w) AS spend
    FROM flight WHERE week_start <= '2026-05-11'
),
reached AS MATERIALIZED (
    SELECT *,
           1000 * pow(spend / (budget * size), 0.86) * budget * size / cpm / (1 + 0.012 * q)
               * lognormal(1, 0.15, 'reach', campaign_n, region, w) AS reach,
           ctr * CASE region WHEN 'LATAM' THEN 1.25 WHEN 'APAC' THEN 1.1 ELSE 1 END
               * lognormal(1, 0.18, 'ctr', campaign_n, region, w) AS rate
    FROM spent
),
clicked AS MATERIALIZED (
    SELECT *, CAST(reach AS INTEGER) AS impressions, poisson(reach * rate, 'clicks', campaign_n, region, w) AS clicks FROM reached
),
led AS MATERIALIZED (
    SELECT *, poisson(clicks * lead_rate * lognormal(1, 0.2, 'lead rate', campaign_n), 'leads', campaign_n, region, w) AS leads FROM clicked
),
qualified AS MATERIALIZED (
    SELECT *, poisson(leads * CASE name WHEN 'Trade Show' THEN 0.34 WHEN 'Partner Co-Marketing' THEN 0.42 WHEN 'Content Syndication' THEN 0.12
                                        WHEN 'Webinar' THEN 0.3 ELSE 0.24 END, 'mql', campaign_n, region, w) AS qualified_leads FROM led
)
SELECT week_start,
       printf('CMP-%s-%s', replace(substr(quarter, 3), 'Q', 'Q'), code) AS campaign_id,
       theme || ' ' || substr(quarter, 1, 4) || ' – ' || name AS campaign_name,
       name AS channel,
       region,
       CASE WHEN name IN ('Email') THEN 'Retention' WHEN name IN ('Paid Social', 'Trade Show') AND q % 2 = 0 THEN 'Brand' ELSE 'Demand' END AS objective,
       maybe(0.97, CASE name WHEN 'Paid Search' THEN pick('google:52|Google:16|bing:14|Bing:4', 'utm', campaign_n, region, w)
                             WHEN 'Paid Social' THEN pick('LinkedIn:40|linkedin:22|Facebook:14|facebook:5', 'utm', campaign_n, region, w)
                             WHEN 'Email' THEN pick('newsletter:60|Newsletter:14', 'utm', campaign_n, region, w)
                             WHEN 'Partner Co-Marketing' THEN 'partner' ELSE lower(replace(name, ' ', '-')) END,
             'utm_source', campaign_n, region, w) AS utm_source,
       maybe(0.97, CASE region WHEN 'EMEA' THEN pick('/de/kuehlkette|/en/cold-chain|/fr/chaîne-du-froid', 'page', campaign_n, w)
                               WHEN 'LATAM' THEN pick('/pt/cadeia-fria|/es/cadena-de-frío', 'page', campaign_n, w)
                               WHEN 'APAC' THEN pick('/ja/コールドチェーン|/en/cold-chain', 'page', campaign_n, w)
                               ELSE pick('/en/cold-chain|/en/compliance|/en/demo', 'page', campaign_n, w) END,
             'landing_page', campaign_n, region, w) AS landing_page,
       round(spend, 2) AS spend_usd,
       impressions,
       clicks,
       leads,
       qualified_leads,
       round(iif(qualified_leads = 0, 0.0, qualified_leads * deal * lognormal(1, 0.5, 'revenue', campaign_n, region, w)), 2) AS attributed_revenue_usd
FROM qualified
ORDER BY week_start, campaign_n, region;
