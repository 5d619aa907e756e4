-- One row a ticket, 4,800 of them. There are more as there is more use, few at weekends, and a
-- flood around the outage of March 2025 and the bad sensor firmware of January 2026. Customers
-- who are about to leave write more often, and slow answers cost satisfaction.

CREATE TEMP TABLE arrival AS
WITH weighted AS (
    SELECT date, n, weekday,
           (1 + 0.85 * n / 866.0) * nth('0.28|1.28|1.15|1.06|1.02|0.94|0.36', weekday + 1) * iif(holiday, 0.4, 1)
           * CASE WHEN date = '2025-03-11' THEN 9 WHEN date = '2025-03-12' THEN 7 WHEN date = '2025-03-13' THEN 3
                  WHEN date BETWEEN '2026-01-19' AND '2026-02-01' THEN 2.3 ELSE 1 END
           * nth('1.0|0.98|1.0|0.97|1.0|1.08|1.16|1.12|1.0|0.98|0.98|0.92', CAST(substr(date, 6, 2) AS INTEGER))
           * lognormal(1, 0.14, 'day', n) AS weight
    FROM calendar WHERE date <= '2026-05-15'
),
running AS (SELECT *, sum(weight) OVER (ORDER BY n) AS upto, sum(weight) OVER () AS total FROM weighted)
SELECT date, n AS day_n, CAST(round(4800 * (upto - weight) / total) AS INTEGER) AS first, CAST(round(4800 * upto / total) AS INTEGER) AS next
FROM running;

CREATE TEMP TABLE writer AS
WITH month(month, day) AS (SELECT DISTINCT month, month || '-15' FROM calendar),
weighted AS (
    SELECT m.month, a.n,
           pow(a.weight, 0.5) * iif(a.churn_date IS NOT NULL AND julianday(a.churn_date) - julianday(m.day) < 120, 3.2, 1)
           * iif(m.day < date(a.signup_date, '+90 days'), 1.8, 1) AS weight
    FROM month m
    JOIN account a ON a.signup_date <= date(m.month || '-01', '+1 month', '-1 day') AND (a.churn_date IS NULL OR a.churn_date >= m.month || '-01')
)
SELECT month, n, sum(weight) OVER (PARTITION BY month ORDER BY n) / sum(weight) OVER (PARTITION BY month) AS upto FROM weighted;
CREATE UNIQUE INDEX temp.writer_upto ON writer (month, upto);

WITH RECURSIVE slot(date, day_n, s, next) AS (
    SELECT date, day_n, first, next FROM arrival WHERE next > first
    UNION ALL
    SELECT date, day_n, s + 1, next FROM slot WHERE s + 1 < next
),
written AS MATERIALIZED (
    SELECT s, date, day_n,
           (SELECT w.n FROM writer w WHERE w.month = substr(slot.date, 1, 7) AND w.upto > rnd('account', s) * 0.999999 ORDER BY w.upto LIMIT 1) AS account_n,
           CASE WHEN date BETWEEN '2025-03-11' AND '2025-03-13' THEN pick('Outage:82|Sensor Offline:10|Login:8', 'category', s)
                WHEN date BETWEEN '2026-01-19' AND '2026-02-01' THEN pick('Firmware:58|Sensor Offline:18|Alert Rules:7|Reports:6|Billing:6|Login:5', 'category', s)
                ELSE pick('Sensor Offline:27|Alert Rules:17|Reports:14|Login:12|Billing:11|Integration:10|Firmware:6|Training:9|Outage:1', 'category', s) END AS category
    FROM slot
),
sorted AS MATERIALIZED (
    SELECT w.*, a.account_id, a.account_name, a.plan, a.region, a.churn_date,
           CASE WHEN w.category = 'Outage' THEN pick('Urgent:60|High:34|Normal:6', 'priority', w.s)
                WHEN w.category IN ('Sensor Offline', 'Firmware') THEN pick('Urgent:12|High:33|Normal:48|Low:7', 'priority', w.s)
                ELSE pick('Urgent:3|High:14|Normal:58|Low:25', 'priority', w.s) END AS priority,
           pick(CASE a.plan WHEN 'Enterprise' THEN 'Phone:28|Email:30|Portal:30|Chat:12' WHEN 'Business' THEN 'Phone:14|Email:36|Portal:28|Chat:22'
                            ELSE 'Email:44|Portal:14|Chat:42' END, 'channel', w.s) AS channel,
           CAST(pick('0:3|1:2|2:2|3:2|4:2|5:4|6:9|7:22|8:46|9:61|10:60|11:52|12:40|13:50|14:55|15:50|16:42|17:26|18:14|19:10|20:8|21:7|22:5|23:4', 'hour', w.s) AS INTEGER) AS hour
    FROM written w JOIN account a ON a.n = w.account_n
),
answered AS MATERIALIZED (
    SELECT *,
           CASE channel WHEN 'Phone' THEN 3 WHEN 'Chat' THEN 5 WHEN 'Portal' THEN 95 ELSE 140 END
               * CASE priority WHEN 'Urgent' THEN 0.35 WHEN 'High' THEN 0.6 WHEN 'Low' THEN 1.9 ELSE 1 END
               * CASE plan WHEN 'Enterprise' THEN 0.6 WHEN 'Business' THEN 0.85 WHEN 'Starter' THEN 1.5 ELSE 1.1 END
               * iif(date BETWEEN '2025-03-11' AND '2025-03-13', 5, 1) * iif(date >= '2025-09-01', 0.78, 1)  -- the second shift
               * lognormal(1, 0.75, 'first', s) AS response
    FROM sorted
),
solved AS MATERIALIZED (
    SELECT *,
           CASE category WHEN 'Firmware' THEN 44 WHEN 'Integration' THEN 36 WHEN 'Sensor Offline' THEN 20 WHEN 'Reports' THEN 15 WHEN 'Billing' THEN 12
                         WHEN 'Outage' THEN 9 WHEN 'Login' THEN 3.5 ELSE 10 END
               * CASE priority WHEN 'Urgent' THEN 0.45 WHEN 'High' THEN 0.7 WHEN 'Low' THEN 1.7 ELSE 1 END
               * lognormal(1, 0.8, 'solve', s) + response / 60 AS hours,
           CASE WHEN category IN ('Firmware', 'Integration') THEN pick('Noah Feldman:30|Yuki Tanaka:26|Grzegorz Wójcik:24|Leïla Benali:20', 'agent', s)
                WHEN region = 'APAC' THEN pick('Yuki Tanaka:48|Siti Rahman:52', 'agent', s)
                WHEN region = 'LATAM' THEN pick('Camila Duarte:70|Leïla Benali:30', 'agent', s)
                WHEN region = 'EMEA' THEN pick('Leïla Benali:26|Grzegorz Wójcik:25|Fiona Mac Aodha:28|Björn Åkesson:21', 'agent', s)
                ELSE pick('Noah Feldman:30|Jasmine Cole:36|Andre Wallace:34', 'agent', s) END AS assignee
    FROM answered
),
closed AS MATERIALIZED (
    SELECT *, datetime(printf('%s %02d:%02d:%02d', date, hour, rndint(0, 59, 'minute', s), rndint(0, 59, 'second', s))) AS created,
           poisson(0.09 + 0.25 * (category = 'Firmware') + iif(assignee = 'Andre Wallace', 0.12, 0), 'reopened', s) AS reopened
    FROM solved
),
timed AS MATERIALIZED (
    SELECT *, datetime(created, '+' || CAST(hours * (1 + 0.8 * reopened) * 3600 AS INTEGER) || ' seconds') AS resolved FROM closed
),
judged AS MATERIALIZED (
    SELECT *, resolved > '2026-05-15 18:00:00' OR (date > '2026-02-20' AND rnd('stuck', s) < 0.03 + 0.5 * pow((julianday(date) - julianday('2026-02-20')) / 84, 2)) AS is_open,
           4.55 - 0.22 * ln(1 + hours / 6) - 0.10 * ln(1 + response / 30) - 0.7 * min(reopened, 2) - 0.35 * (churn_date IS NOT NULL)
               - 0.6 * (category = 'Outage') + iif(assignee IN ('Fiona Mac Aodha', 'Jasmine Cole'), 0.25, 0) + 0.7 * gauss('csat', s)
               - iif(rnd('cross', s) < 0.055, 2.1, 0) AS mood
    FROM timed
)
SELECT printf('T-%05d', 31000 + s) AS ticket_id,
       strftime('%Y-%m-%dT%H:%M:%SZ', created) AS created_at,
       iif(is_open, NULL, strftime('%Y-%m-%dT%H:%M:%SZ', resolved)) AS resolved_at,
       account_id,
       account_name,
       plan,
       region,
       channel,
       category,
       priority,
       iif(is_open, pick('Open:45|Pending:40|Escalated:15', 'status', s), iif(resolved < '2026-05-01', 'Closed', 'Solved')) AS status,
       maybe(0.97, assignee, 'assignee', s) AS assignee,
       maybe(0.98, round(response, 1), 'first_response_minutes', s) AS first_response_minutes,
       iif(is_open, NULL, round(hours * (1 + 0.8 * reopened), 1)) AS resolution_hours,
       reopened > 0 AS is_reopened,
       -- Nobody rates what is still open.
       iif(is_open, NULL, maybe(0.985, CAST(max(1, min(5, round(mood))) AS INTEGER), 'csat', s)) AS csat
FROM judged
ORDER BY s;
