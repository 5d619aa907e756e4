-- One row a session of a customer's user in the Sentinel software: exactly 100,000, a sample of
-- all sessions. Use grows, sags at weekends, in August and over the year's end; a customer who
-- will leave uses it less and less in the four months before.

-- How many of the 100,000 sessions fall on each day.
CREATE TEMP TABLE daily AS
WITH weighted AS (
    SELECT date, n, weekday, month,
           (1 + 1.35 * n / 866.0)
           * nth('0.24|1.06|1.14|1.12|1.08|0.92|0.30', weekday + 1)
           * nth('0.97|1.0|1.03|0.99|1.0|1.02|0.93|0.84|1.04|1.07|1.08|0.86', CAST(substr(date, 6, 2) AS INTEGER))
           * iif(holiday, 0.25, 1) * iif(substr(date, 6) BETWEEN '12-27' AND '12-30', 0.5, 1)
           * iif(date BETWEEN '2025-03-11' AND '2025-03-12', 0.38, 1)        -- the outage
           * iif(date BETWEEN '2025-10-06' AND '2025-10-10', 1.45, 1)        -- the audit campaign
           * (1 + 0.05 * gauss('day', n)) AS weight
    FROM calendar WHERE date <= '2026-05-15'
),
running AS (
    SELECT *, sum(weight) OVER (ORDER BY n) AS upto, sum(weight) OVER () AS total FROM weighted
)
SELECT date, n, month, weekday,
       CAST(round(100000 * (upto - weight) / total) AS INTEGER) AS first,
       CAST(round(100000 * upto / total) AS INTEGER) AS next
FROM running;

-- Who is active in a month, as a line of customers cut in proportion to their use.
CREATE TEMP TABLE active AS
WITH month(month, day) AS (SELECT DISTINCT month, month || '-15' FROM calendar),
weighted AS (
    SELECT m.month, a.n,
           pow(a.weight, 0.8)
           * CASE WHEN a.churn_date IS NULL THEN 1
                  ELSE min(1, max(0.04, 0.15 + 0.85 * (julianday(a.churn_date) - julianday(m.day)) / 120)) END
           * min(1, 0.3 + (julianday(m.day) - julianday(a.signup_date) + 15) / 150) AS weight
    FROM month m
    JOIN account a ON a.signup_date <= date(m.month || '-01', '+1 month', '-1 day')
                  AND (a.churn_date IS NULL OR a.churn_date >= m.month || '-01')
)
SELECT month, n, sum(weight) OVER (PARTITION BY month ORDER BY n) / sum(weight) OVER (PARTITION BY month) AS upto
FROM weighted;
CREATE UNIQUE INDEX temp.active_upto ON active (month, upto);

CREATE TEMP TABLE number (s INTEGER PRIMARY KEY);
WITH RECURSIVE seq(s) AS (SELECT 0 UNION ALL SELECT s + 1 FROM seq WHERE s < 99999)
INSERT INTO number SELECT s FROM seq;

CREATE TEMP TABLE session (s INTEGER PRIMARY KEY, date, day_n, weekday, hour, account_n, account_id, plan, region, country,
                           signup_date, churn_date, module);
INSERT INTO session
WITH drawn AS MATERIALIZED (
    SELECT s, d.date, d.n AS day_n, d.month, d.weekday,
           (SELECT a.n FROM active a WHERE a.month = d.month AND a.upto > rnd('account', s) * 0.999999
            ORDER BY a.upto LIMIT 1) AS account_n,
           -- Office hours with a lunch dip, and the night shift of the alarms.
           CAST(pick('0:5|1:4|2:4|3:4|4:5|5:9|6:22|7:55|8:98|9:118|10:112|11:96|12:68|13:92|14:108|15:104|16:88|17:56|18:32|19:22|20:18|21:15|22:11|23:8',
                     'hour', s) AS INTEGER) AS hour,
           pick('Dashboards:30|Alerts:24|Sensors:19|Reports:14|Compliance:8|Route Planner:5', 'module', s) AS module_drawn
    FROM daily d JOIN number ON s >= d.first AND s < d.next
)
SELECT d.s, d.date, d.day_n, d.weekday, d.hour, d.account_n, a.account_id, a.plan, a.region, a.country, a.signup_date, a.churn_date,
       -- Small plans have no Compliance module; the Route Planner came in September 2024.
       CASE WHEN d.module_drawn = 'Compliance' AND a.plan IN ('Starter', 'Team') THEN 'Sensors'
            WHEN d.module_drawn = 'Route Planner' AND (d.date < '2024-09-10' OR a.plan = 'Starter') THEN 'Dashboards'
            ELSE d.module_drawn END AS module
FROM drawn d JOIN account a ON a.n = d.account_n;

WITH shaped AS MATERIALIZED (
    SELECT *,
           -- Phones took over alerts, and grow.
           CASE WHEN module = 'Alerts' THEN pick('iOS:' || (24 + day_n / 40) || '|Android:' || (20 + day_n / 45) || '|Web:48|API:6', 'platform', s)
                WHEN module = 'Sensors' THEN pick('Web:44|API:34|iOS:12|Android:10', 'platform', s)
                ELSE pick('Web:74|iOS:' || (8 + day_n / 90) || '|Android:' || (6 + day_n / 100) || '|API:7', 'platform', s) END AS platform,
           pick('Operator:46|Quality Manager:22|Analyst:16|Admin:10|Driver:6', 'role', s) AS role_drawn,
           iif(churn_date IS NULL, 1.0, min(1, max(0.45, (julianday(churn_date) - julianday(date)) / 120))) AS health,
           date < date(signup_date, '+30 days') AS is_trial
    FROM session
),
measured AS MATERIALIZED (
    SELECT *,
           CASE module WHEN 'Reports' THEN 14.5 WHEN 'Compliance' THEN 18 WHEN 'Dashboards' THEN 7.5 WHEN 'Sensors' THEN 6
                       WHEN 'Route Planner' THEN 11 ELSE 2.8 END
               * CASE platform WHEN 'Web' THEN 1.15 WHEN 'API' THEN 0.4 ELSE 0.62 END
               * health * lognormal(1, 0.72, 'minutes', s)
               * iif(rnd('left open', s) < 0.0006, 30, 1) AS minutes,
           CASE platform WHEN 'API' THEN 95 WHEN 'Web' THEN 210 ELSE 265 END
               * CASE region WHEN 'APAC' THEN 1.55 WHEN 'LATAM' THEN 1.4 WHEN 'NA' THEN 1.1 ELSE 1 END
               * CASE module WHEN 'Reports' THEN 2.1 WHEN 'Compliance' THEN 1.5 ELSE 1 END
               * iif(date >= '2025-11-18', 0.72, 1)                       -- the faster query engine
               * iif(date BETWEEN '2025-03-11' AND '2025-03-12', 4.5, 1)
               * (1 + 0.25 * (hour BETWEEN 9 AND 16))
               * lognormal(1, 0.38, 'latency', s) AS latency
    FROM shaped
)
SELECT printf('S%06d', s + 1) AS session_id,
       printf('%sT%02d:%02d:%02dZ', date, hour, rndint(0, 59, 'minute', s), rndint(0, 59, 'second', s)) AS started_at,
       date AS session_date,
       account_id,
       plan,
       region,
       country,
       module,
       platform,
       maybe(0.97, CASE WHEN platform = 'API' THEN 'Admin' WHEN module = 'Route Planner' AND role_drawn = 'Operator' THEN 'Driver' ELSE role_drawn END,
             'user_role', s) AS user_role,
       is_trial,
       max(0.1, round(minutes, 1)) AS duration_minutes,
       1 + poisson(iif(platform = 'API', 60, 2.4) * pow(min(minutes, 240), 0.75), 'events', s) AS events,
       poisson(0.16 * iif(date BETWEEN '2025-03-11' AND '2025-03-12', 14, 1) * CASE platform WHEN 'Android' THEN 1.7 WHEN 'API' THEN 2.2 ELSE 1 END
               * CASE module WHEN 'Route Planner' THEN 1.9 ELSE 1 END, 'errors', s) AS errors,
       maybe(0.97, CAST(round(latency) AS INTEGER), 'latency_ms', s) AS latency_ms
FROM measured
ORDER BY s;
