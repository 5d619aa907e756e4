-- One row a month, legal entity and ledger account: January 2024 to May 2026 (May is half
-- posted). Revenue follows subscriptions and hardware, payroll grows in steps with the yearly
-- review in April, travel and events follow the trade shows, and budgets are set once a year.

CREATE TEMP TABLE entity (name, currency, size, growth);
INSERT INTO entity VALUES
('Brightmere Inc.', 'USD', 2.5, 0.019), ('Brightmere AG (Zürich)', 'CHF', 2.05, 0.016),
('Brightmere 株式会社', 'JPY', 0.85, 0.021), ('Brightmere do Brasil Ltda', 'BRL', 0.48, 0.024);

CREATE TEMP TABLE ledger (code, name, category, department, base, season, noise, steps);
INSERT INTO ledger VALUES
-- base: USD a month of an entity of size 1 in January 2024
('4000', 'Subscription Revenue', 'Revenue', 'Sales', 905000, '1|1|1|1|1|1|1|1|1|1|1|1', 0.012, 0),
('4100', 'Hardware Revenue', 'Revenue', 'Sales', 388000, '0.8|0.85|1.15|0.9|0.95|1.2|0.85|0.8|1.15|0.95|1.05|1.45', 0.07, 0),
('4200', 'Professional Services', 'Revenue', 'Customer Success', 92000, '0.9|1|1.1|1|1|1.05|0.85|0.75|1.1|1.1|1.05|0.95', 0.10, 0),
('5000', 'Cloud Hosting', 'Cost of Revenue', 'Engineering', 118000, '1|1|1|1|1|1|1|0.96|1.02|1.05|1.05|0.97', 0.03, 0),
('5100', 'Sensor Components', 'Cost of Revenue', 'Operations', 171000, '0.85|0.9|1.1|0.95|1|1.15|0.9|0.85|1.1|1|1.1|1.3', 0.08, 0),
('5200', 'Freight & Duties', 'Cost of Revenue', 'Operations', 31000, '0.85|0.9|1.05|0.95|1|1.1|0.9|0.9|1.1|1.05|1.15|1.4', 0.12, 0),
('5300', 'Support Payroll', 'Cost of Revenue', 'Customer Success', 74000, '1|1|1|1|1|1|1|1|1|1|1|1.04', 0.01, 1),
('6000', 'Sales Payroll', 'Operating Expense', 'Sales', 168000, '1|1|1|1|1|1|1|1|1|1|1|1.12', 0.012, 1),
('6010', 'Sales Commissions', 'Operating Expense', 'Sales', 61000, '0.6|0.75|1.5|0.7|0.85|1.5|0.7|0.65|1.4|0.8|1.0|1.9', 0.11, 0),
('6020', 'Travel', 'Operating Expense', 'Sales', 27000, '0.7|0.9|1.25|1.1|1.2|1.15|0.65|0.5|1.3|1.3|1.15|0.6', 0.14, 0),
('6100', 'Marketing Programs', 'Operating Expense', 'Marketing', 96000, '0.9|1|1.15|1.05|1.1|1|0.75|0.7|1.2|1.15|1.1|0.7', 0.09, 0),
('6110', 'Trade Shows', 'Operating Expense', 'Marketing', 34000, '0.2|0.7|1.9|1.2|1.4|0.6|0.2|0.2|1.8|2.0|1.1|0.2', 0.2, 0),
('6200', 'Engineering Payroll', 'Operating Expense', 'Engineering', 296000, '1|1|1|1|1|1|1|1|1|1|1|1.04', 0.01, 1),
('6210', 'Software & Tools', 'Operating Expense', 'Engineering', 38000, '1.6|0.9|0.95|1|0.95|0.95|1|0.95|0.95|1|0.95|0.9', 0.06, 0),
('6220', 'Contractors', 'Operating Expense', 'Engineering', 44000, '0.9|1|1.05|1|1.05|1.1|1|0.85|1.05|1.1|1.05|0.8', 0.17, 0),
('6300', 'General & Admin Payroll', 'Operating Expense', 'Finance', 88000, '1|1|1|1|1|1|1|1|1|1|1|1.06', 0.01, 1),
('6310', 'Rent & Facilities', 'Operating Expense', 'Facilities', 41000, '1.05|1.05|1|1|0.97|0.97|1|1|0.97|1|1|1.05', 0.01, 0),
('6320', 'Legal & Audit', 'Operating Expense', 'Finance', 23000, '1.2|1.9|1.7|0.8|0.7|0.7|0.7|0.6|0.8|0.9|1|1.1', 0.22, 0),
('6330', 'Recruiting', 'Operating Expense', 'People', 17000, '1.4|1.3|1.2|1|1|0.9|0.8|0.7|1.1|1.1|0.9|0.5', 0.22, 0),
('6340', 'Insurance', 'Operating Expense', 'Finance', 9500, '1|1|1|1|1|1|1|1|1|1|1|1', 0.005, 0),
('7000', 'Foreign Exchange', 'Other', 'Finance', 12000, '1|1|1|1|1|1|1|1|1|1|1|1', 0.5, 0);

WITH month AS (
    SELECT month, row_number() OVER (ORDER BY month) AS m, CAST(substr(month, 6, 2) AS INTEGER) AS of_year, max(date) AS last_day,
           CAST(substr(month, 1, 4) AS INTEGER) AS year
    FROM calendar GROUP BY month
),
posted AS (
    SELECT m.*, e.name AS entity, e.currency, e.growth, l.*, e.rowid AS e_n,
           l.base * e.size
               * CASE WHEN l.steps THEN 1 + 0.13 * ((m.m + 8) / 12) ELSE pow(1 + e.growth, m.m - 1) END
               * nth(l.season, m.of_year) AS expected,
           l.base * e.size * CASE WHEN l.steps THEN 1 + 0.13 * ((m.m + 8) / 12) ELSE pow(1 + e.growth * iif(m.year = 2024, 0.85, 1.06), m.m - 1) END
               * nth(l.season, m.of_year) AS planned
    FROM month m JOIN entity e JOIN ledger l
),
booked AS (
    SELECT *,
           expected * (1 + noise * gauss('noise', month, entity, code)) * iif(month = '2026-05', 0.46, 1)
               -- Hardware suffered when chips were short; the outage cost credits; an office moved.
               * iif(code IN ('4100', '5100') AND month BETWEEN '2025-06' AND '2025-09', 0.78, 1)
               * iif(code = '4000' AND month = '2025-03', 0.955, 1)
               * iif(code = '6320' AND month = '2025-11' AND entity = 'Brightmere Inc.', 6.5, 1)
               * iif(code = '6310' AND month = '2024-10' AND entity LIKE '%Zürich%', 3.8, 1) AS actual
    FROM posted
)
SELECT printf('GL-%s-%d-%s', replace(month, '-', ''), e_n, code) AS entry_id,
       last_day AS posting_date,
       month AS fiscal_month,
       year || 'Q' || ((of_year + 2) / 3) AS fiscal_quarter,
       entity,
       currency,
       code AS account_code,
       name AS account_name,
       category,
       department,
       maybe(0.97, printf('CC-%d%02d', e_n, 10 + unicode(department) % 23), 'cost_center', month, entity, code) AS cost_center,
       round(CASE category WHEN 'Other' THEN iif(rnd('sign', month, entity) < 0.5, -1, 1) * actual ELSE actual END, 2) AS actual_usd,
       iif(category = 'Other', 0.0, round(planned / 500) * 500.0) AS budget_usd,
       maybe(0.97, round(100 * (CASE category WHEN 'Other' THEN 0 ELSE actual / planned - 1 END), 1), 'variance_pct', month, entity, code) AS variance_pct,
       month < '2026-05' AS is_closed
FROM booked
ORDER BY month, e_n, code;
