-- One row a month's end, warehouse and article, January 2025 to May 2026. Sales of articles are
-- uneven (a few carry the business), reorders follow demand with a lag, and the shortage of
-- chips in the summer of 2025 empties the shelves of everything that has a radio in it.

CREATE TEMP TABLE article (sku, name, family, cost, demand, supplier, lead, radio);
INSERT INTO article VALUES
('BM-S100', 'Sensor One', 'Sensors', 21.40, 640, 'Shenzhen Lianhe Electronics', 38, 1), ('BM-S110', 'Sensor One Probe', 'Sensors', 24.90, 410, 'Shenzhen Lianhe Electronics', 38, 1),
('BM-S200', 'Sensor Pro', 'Sensors', 38.20, 330, 'Kyoritsu Keiki 株式会社', 31, 1), ('BM-S210', 'Sensor Pro −80 °C', 'Sensors', 57.60, 120, 'Kyoritsu Keiki 株式会社', 35, 1),
('BM-S220', 'Sensor Pro Humidity', 'Sensors', 44.10, 150, 'Kyoritsu Keiki 株式会社', 33, 1), ('BM-S300', 'Sensor Dry Ice', 'Sensors', 61.30, 55, 'Messtechnik Gräf GmbH', 24, 1),
('BM-D010', 'Door Switch', 'Sensors', 9.80, 260, 'Shenzhen Lianhe Electronics', 36, 1), ('BM-T010', 'Truck Tag', 'Sensors', 17.30, 210, 'Shenzhen Lianhe Electronics', 37, 1),
('BM-G100', 'Gateway Indoor', 'Gateways', 88.00, 90, 'Elcoteq Tallinn OÜ', 29, 1), ('BM-G110', 'Gateway Outdoor', 'Gateways', 126.50, 42, 'Elcoteq Tallinn OÜ', 29, 1),
('BM-G200', 'Gateway LTE', 'Gateways', 154.00, 64, 'Elcoteq Tallinn OÜ', 32, 1), ('BM-G210', 'Gateway Truck', 'Gateways', 171.00, 48, 'Elcoteq Tallinn OÜ', 32, 1),
('BM-X010', 'Battery Pack', 'Accessories', 4.20, 900, 'Varga Energia Kft.', 18, 0), ('BM-X020', 'Wall Mount', 'Accessories', 1.90, 520, 'Lodz Plast Sp. z o.o.', 14, 0),
('BM-X030', 'Probe Cable 3 m', 'Accessories', 6.10, 340, 'Lodz Plast Sp. z o.o.', 15, 0), ('BM-X031', 'Probe Cable 10 m', 'Accessories', 10.70, 110, 'Lodz Plast Sp. z o.o.', 15, 0),
('BM-X040', 'Buffer Bottle', 'Accessories', 3.40, 280, 'Messtechnik Gräf GmbH', 20, 0), ('BM-X050', 'Magnet Holder', 'Accessories', 2.30, 190, 'Lodz Plast Sp. z o.o.', 14, 0),
('BM-K100', 'Starter Kit', 'Kits', 148.00, 130, 'Brightmere Assembly', 9, 1), ('BM-K200', 'Pharmacy Kit', 'Kits', 262.00, 58, 'Brightmere Assembly', 9, 1),
('BM-K300', 'Restaurant Kit', 'Kits', 119.00, 86, 'Brightmere Assembly', 9, 1), ('BM-K400', 'Vaccine Transport Kit', 'Kits', 334.00, 27, 'Brightmere Assembly', 11, 1),
('BM-C010', 'Calibration Certificate Set', 'Services', 12.00, 160, 'Messtechnik Gräf GmbH', 12, 0), ('BM-C020', 'On-site Calibration Case', 'Services', 410.00, 9, 'Messtechnik Gräf GmbH', 26, 0);

WITH month AS (
    SELECT month, max(date) AS snapshot_date, row_number() OVER (ORDER BY month) AS m, CAST(substr(month, 6, 2) AS INTEGER) AS of_year
    FROM calendar WHERE date >= '2025-01-01' GROUP BY month
),
site(name, size) AS (VALUES ('Venlo', 1.0), ('Reno', 0.95), ('Singapore', 0.42), ('Campinas', 0.24)),
moved AS MATERIALIZED (
    SELECT m.*, a.*, a.rowid AS a_n, s.name AS warehouse, s.size,
           a.demand * s.size * pow(1.014, m.m - 1) * nth('0.8|0.85|1.15|0.9|0.95|1.2|0.85|0.8|1.15|0.95|1.05|1.45', m.of_year)
               * lognormal(1, 0.16, 'demand', m.m, a.rowid, s.name) AS wanted,
           a.radio AND m.month BETWEEN '2025-06' AND '2025-09' AS short
    FROM month m JOIN article a JOIN site s
),
held AS MATERIALIZED (
    SELECT *,
           demand * size * pow(1.014, m - 1) * (0.75 + lead / 30.0) AS level,
           max(0.0, (1.25 + 0.42 * gauss('cover', m, a_n, warehouse)) * iif(short, 0.28, 1) - iif(rnd('delay', m, a_n, warehouse) < 0.05, 0.9, 0)) AS cover
    FROM moved
),
counted AS MATERIALIZED (
    SELECT *, CAST(round(level * cover) AS INTEGER) AS on_hand,
           CAST(round(wanted * iif(cover < 0.2, 0.35 + 2.5 * cover, 1)) AS INTEGER) AS shipped,
           CASE WHEN cover < 0.35 THEN min(24, poisson(16 * (1 - cover / 0.35), 'out', m, a_n, warehouse)) ELSE poisson(0.06, 'out', m, a_n, warehouse) END AS out_days
    FROM held
)
SELECT snapshot_date,
       sku,
       name AS product_name,
       family AS product_family,
       warehouse,
       maybe(0.97, CASE WHEN rnd('typed', m, a_n, warehouse) < 0.03 THEN upper(supplier) ELSE supplier END, 'supplier', m, a_n, warehouse) AS supplier,
       on_hand AS on_hand_units,
       CAST(round(max(0, level * (1.35 - cover) + wanted * 0.4) / 10) * 10 AS INTEGER) AS on_order_units,
       shipped AS shipped_units,
       CAST(round(level * 0.55 / 5) * 5 AS INTEGER) AS reorder_point_units,
       on_hand < CAST(round(level * 0.55 / 5) * 5 AS INTEGER) AS is_below_reorder,
       out_days AS stockout_days,
       round(cost * iif(radio AND month BETWEEN '2025-06' AND '2025-12', 1.09, 1) * pow(1.002, m), 2) AS unit_cost_usd,
       round(on_hand * cost * iif(radio AND month BETWEEN '2025-06' AND '2025-12', 1.09, 1) * pow(1.002, m), 2) AS inventory_value_usd,
       maybe(0.97, CAST(round(lead * iif(short, 1.8, 1) * lognormal(1, 0.12, 'lead', m, a_n, warehouse)) AS INTEGER), 'lead_time_days', m, a_n, warehouse) AS lead_time_days
FROM counted
ORDER BY month, a_n, warehouse;
