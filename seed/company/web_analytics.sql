-- One row a week, country, channel and device, January 2025 to May 2026. The roll-up keeps the
-- segments with at least 70 sessions in the week; smaller ones are folded away before it.

WITH week AS (
    SELECT date AS week_start, (n - 1) / 7 AS w, substr(date, 6) AS of_year FROM calendar WHERE weekday = 1 AND date BETWEEN '2025-01-06' AND '2026-05-11'
),
channel(name, share, bounce, pages, signup, mobile) AS (VALUES
    ('Organic Search', 0.36, 0.46, 3.1, 0.0105, 0.42), ('Direct', 0.24, 0.38, 3.9, 0.0150, 0.33), ('Paid Search', 0.17, 0.52, 2.5, 0.0185, 0.45),
    ('Referral', 0.09, 0.41, 3.4, 0.0160, 0.36), ('Social', 0.09, 0.66, 1.7, 0.0048, 0.74), ('Email', 0.05, 0.34, 3.6, 0.0230, 0.51)),
device(name, part, speed) AS (VALUES ('Desktop', 1, 1.0), ('Mobile', 2, 1.45), ('Tablet', 3, 1.2)),
segment AS MATERIALIZED (
    SELECT k.week_start, k.w, k.of_year, c.name AS country, c.region, ch.name AS channel, ch.bounce, ch.pages, ch.signup, d.name AS device, d.speed,
           9400.0 * c.share / 462 * ch.share
               * CASE d.part WHEN 1 THEN 0.95 - ch.mobile WHEN 2 THEN ch.mobile ELSE 0.05 END
               * (1 + 0.0052 * (k.w - 53))
               * CASE WHEN k.of_year BETWEEN '12-20' AND '12-31' OR k.of_year < '01-04' THEN 0.45 WHEN k.of_year BETWEEN '07-20' AND '08-24' THEN 0.8
                      WHEN k.of_year BETWEEN '10-05' AND '10-26' THEN 1.22 ELSE 1 END
               * iif(k.week_start = '2025-09-15' AND ch.name IN ('Social', 'Referral'), 4.2, 1)          -- the story in the press
               * iif(k.week_start >= '2026-02-09' AND ch.name = 'Organic Search', 0.83, 1)               -- a change of the search engine
               * lognormal(1, 0.17, 'traffic', k.w, c.name, ch.name, d.name) AS expected
    FROM week k JOIN country c JOIN channel ch JOIN device d
),
visited AS MATERIALIZED (
    SELECT *, CAST(round(expected) AS INTEGER) AS sessions, row_number() OVER (ORDER BY week_start, country, channel, device) AS i
    FROM segment WHERE round(expected) >= 70
),
measured AS MATERIALIZED (
    SELECT *,
           min(0.93, max(0.12, bounce + 0.07 * (device = 'Mobile') + 0.045 * gauss('bounce', i) + iif(week_start BETWEEN '2025-06-02' AND '2025-06-23', 0.08, 0))) AS bounced,
           1.9 * speed * CASE region WHEN 'APAC' THEN 1.35 WHEN 'LATAM' THEN 1.42 ELSE 1 END * iif(week_start BETWEEN '2025-06-02' AND '2025-06-23', 1.7, 1)
               * iif(week_start >= '2026-01-12', 0.8, 1) * lognormal(1, 0.14, 'load', i) AS load
    FROM visited
)
SELECT week_start,
       country,
       region,
       channel,
       device,
       maybe(0.97, pick('/:34|/pricing:17|/products/sensors:15|/products/sentinel:13|/blog/cold-chain-101:11|/compliance:6|/demo:4', 'page', i), 'top_landing_page', i) AS top_landing_page,
       maybe(0.97, CASE WHEN country IN ('Germany', 'Switzerland') THEN pick('de:84|en:16', 'language', i) WHEN country = 'France' THEN 'fr' WHEN country = 'Japan' THEN 'ja'
                        WHEN country = 'South Korea' THEN 'ko' WHEN country = 'Brazil' THEN 'pt-BR' WHEN country IN ('Mexico', 'Chile', 'Spain') THEN 'es'
                        WHEN country = 'Canada' THEN pick('en:78|fr:22', 'language', i) ELSE 'en' END, 'language', i) AS language,
       sessions,
       CAST(round(sessions * (0.79 + 0.04 * gauss('users', i))) AS INTEGER) AS users,
       CAST(round(sessions * (bounced + (1 - bounced) * pages * lognormal(1, 0.09, 'pages', i))) AS INTEGER) AS pageviews,
       round(bounced, 4) AS bounce_rate,
       round(38 + 210 * (1 - bounced) * lognormal(1, 0.16, 'stay', i), 1) AS avg_session_seconds,
       maybe(0.97, round(load, 2), 'page_load_seconds', i) AS page_load_seconds,
       poisson(sessions * signup * (1.5 - bounced) * iif(device = 'Mobile', 0.55, 1.15), 'signups', i) AS trial_signups
FROM measured
ORDER BY i;
