-- One row an opportunity, 3,240 of them. Quarters end in a rush, years most of all; large
-- customers take longer, pay more and get more discount; a deal that was never heard of again
-- stays open past its close date, as in every CRM.

-- The customers as a line, cut in proportion to how often they are sold to.
CREATE TEMP TABLE buyer AS
SELECT n, sum(pow(weight, 0.35)) OVER (ORDER BY n) / sum(pow(weight, 0.35)) OVER () AS upto FROM account;
CREATE UNIQUE INDEX temp.buyer_upto ON buyer (upto);

CREATE TEMP TABLE opportunity AS
WITH RECURSIVE seq(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM seq WHERE n < 3240),
-- Opportunities come more and more often; the first were created in July 2023.
created AS (
    SELECT n, date('2023-07-03', '+' || CAST(1045 * pow((n - rnd('day', n)) / 3240.0, 0.82) AS INTEGER) || ' days') AS raw
    FROM seq
),
dated AS (
    SELECT n, CASE strftime('%w', raw) WHEN '0' THEN date(raw, '+1 day') WHEN '6' THEN date(raw, '-1 day') ELSE raw END AS created_date
    FROM created
),
customer AS (
    SELECT d.n, d.created_date, a.account_name, a.region, a.segment, a.industry, a.n AS account_n
    FROM dated d
    JOIN account a ON a.n = (SELECT b.n FROM buyer b WHERE b.upto > rnd('account', d.n) * 0.999999 ORDER BY b.upto LIMIT 1)
)
SELECT c.*,
       -- One of the region's people, by their shares; customers tend to stay with theirs.
       (SELECT name
        FROM (SELECT r.name, -ln(1e-9 + rnd('owner', c.account_n, r.name, c.n % 3)) / r.share AS turn
              FROM rep r WHERE r.region = c.region AND c.created_date BETWEEN r.since AND r.until)
        ORDER BY turn LIMIT 1) AS owner,
       CASE c.segment
           WHEN 'Enterprise' THEN pick('Sentinel Platform:42|Cold Chain Sensors:30|Compliance Suite:18|Route Insights:10', 'product', c.n)
           WHEN 'Mid-Market' THEN pick('Sentinel Platform:34|Cold Chain Sensors:38|Compliance Suite:13|Route Insights:15', 'product', c.n)
           ELSE pick('Sentinel Platform:22|Cold Chain Sensors:58|Compliance Suite:6|Route Insights:14', 'product', c.n)
       END AS product,
       pick('Inbound:26|Outbound:22|Partner:16|Webinar:12|Trade Show:11|Referral:13', 'source', c.n) AS lead_source,
       max(6, lognormal(CASE c.segment WHEN 'Enterprise' THEN 128 WHEN 'Mid-Market' THEN 71 ELSE 33 END, 0.45, 'cycle', c.n)) AS cycle_days
FROM customer c;

CREATE TEMP TABLE priced AS
WITH timed AS (
    SELECT *, date(created_date, '+' || CAST(cycle_days AS INTEGER) || ' days') AS aimed FROM opportunity
),
-- Two in five deals are pushed to the last two weeks of their quarter, more of them in December.
quartered AS (
    SELECT *, date(aimed, 'start of month', '+' || ((3 - CAST(strftime('%m', aimed) AS INTEGER) % 3) % 3 + 1) || ' months', '-1 day') AS quarter_end
    FROM timed
),
closing AS (
    SELECT *,
           CASE WHEN rnd('rush', n) < iif(quarter_end LIKE '%-12-31', 0.62, 0.41)
                THEN max(date(created_date, '+5 days'), date(quarter_end, '-' || CAST(14 * pow(rnd('rush day', n), 1.7) AS INTEGER) || ' days'))
                ELSE aimed END AS close_raw
    FROM quartered
)
SELECT *,
       CASE strftime('%w', close_raw) WHEN '0' THEN date(close_raw, '-2 days') WHEN '6' THEN date(close_raw, '-1 day') ELSE close_raw END AS close_date,
       CASE segment WHEN 'Enterprise' THEN 96000 WHEN 'Mid-Market' THEN 27500 ELSE 6200 END
           * CASE product WHEN 'Sentinel Platform' THEN 1.25 WHEN 'Compliance Suite' THEN 1.05 WHEN 'Route Insights' THEN 0.7 ELSE 0.9 END
           * CASE region WHEN 'NA' THEN 1.15 WHEN 'LATAM' THEN 0.72 WHEN 'APAC' THEN 0.95 ELSE 1.0 END
           * (1 + 0.09 * (julianday(created_date) - julianday('2024-01-01')) / 365)
           * lognormal(1, 0.62, 'amount', n)
           * CASE n WHEN 611 THEN 14 WHEN 1432 THEN 19 WHEN 2207 THEN 11 WHEN 2890 THEN 16 ELSE 1 END AS worth
FROM closing;

WITH judged AS MATERIALIZED (
    SELECT *,
           -- Log-odds of winning, were it decided.
           -0.55 + (SELECT skill FROM rep WHERE name = owner)
               + CASE lead_source WHEN 'Referral' THEN 0.75 WHEN 'Partner' THEN 0.35 WHEN 'Inbound' THEN 0.15 WHEN 'Outbound' THEN -0.5 ELSE -0.1 END
               + CASE segment WHEN 'Enterprise' THEN -0.2 WHEN 'SMB' THEN 0.15 ELSE 0 END
               + iif(product = 'Compliance Suite', 0.3, 0)
               + iif(close_date LIKE '%-12-%', 0.35, 0) - iif(worth > 400000, 0.8, 0) AS odds,
           -- How far along an open deal is: by the share of its cycle that has passed.
           (julianday('2026-05-15') - julianday(created_date)) / max(7, julianday(close_date) - julianday(created_date)) AS along
    FROM priced
),
staged AS MATERIALIZED (
    SELECT *,
           CASE
               WHEN close_date <= '2026-05-15' AND rnd('slips', n) < CASE
                       WHEN close_date >= '2026-04-01' THEN 0.30 WHEN close_date >= '2026-01-01' THEN 0.19
                       WHEN close_date >= '2025-10-01' THEN 0.06 ELSE 0.008 END
               THEN pick('Discovery:10|Qualification:14|Proposal:42|Negotiation:34', 'slipped', n)
               WHEN close_date <= '2026-05-15'
               THEN iif(rnd('won', n) < 1 / (1 + exp(-odds)), 'Closed Won', 'Closed Lost')
               WHEN rnd('early', n) < 0.10
               THEN iif(rnd('won', n) < 0.25, 'Closed Won', 'Closed Lost')
               ELSE CASE
                   WHEN along + 0.18 * gauss('along', n) < 0.25 THEN 'Discovery'
                   WHEN along + 0.18 * gauss('along', n) < 0.50 THEN 'Qualification'
                   WHEN along + 0.18 * gauss('along', n) < 0.78 THEN 'Proposal'
                   ELSE 'Negotiation' END
           END AS stage
    FROM judged
),
settled AS (
    -- A deal that is decided early carries the day it was decided on.
    SELECT *, iif(stage LIKE 'Closed%' AND close_date > '2026-05-15',
                  date('2026-05-14', '-' || rndint(0, 20, 'decided', n) || ' days'), close_date) AS closes
    FROM staged
)
SELECT printf('OPP-%05d', 20000 + n) AS opportunity_id,
       account_name,
       segment,
       region,
       owner,
       product,
       maybe(0.97, CASE WHEN rnd('typed', n) < 0.025 THEN lower(lead_source) WHEN rnd('typed', n) < 0.035 THEN upper(lead_source)
                        ELSE lead_source END, 'lead_source', n) AS lead_source,
       stage,
       -- People round: small deals to fifties, large ones to thousands.
       CASE WHEN worth < 20000 THEN round(worth / 50) * 50.0 WHEN worth < 100000 THEN round(worth / 250) * 250.0
            ELSE round(worth / 1000) * 1000.0 END AS amount_usd,
       maybe(0.97, round(min(38, max(0, 2 + 2.2 * ln(1 + worth / 15000) + CASE segment WHEN 'Enterprise' THEN 6 WHEN 'Mid-Market' THEN 3 ELSE 0 END
                   + 3.5 * gauss('discount', n) + iif(close_date = close_raw AND quarter_end LIKE '%-12-31', 3, 0))) * 2) / 2.0,
             'discount_pct', n) AS discount_pct,
       CASE stage WHEN 'Closed Won' THEN 1.0 WHEN 'Closed Lost' THEN 0.0
            ELSE round(min(0.95, max(0.05, CASE stage WHEN 'Discovery' THEN 0.1 WHEN 'Qualification' THEN 0.25 WHEN 'Proposal' THEN 0.5 ELSE 0.75 END
                       + 0.05 * gauss('probability', n))), 2) END AS win_probability,
       created_date,
       max(closes, created_date) AS close_date,
       substr(max(closes, created_date), 1, 4) || 'Q' || ((CAST(substr(max(closes, created_date), 6, 2) AS INTEGER) + 2) / 3) AS close_quarter
FROM settled
ORDER BY n;
