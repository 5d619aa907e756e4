-- What several datasources of Brightmere have in common: the calendar, the customers, the sales
-- people. It runs once, before the datasources' own files, which see these tables.
--
-- Brightmere makes cold-chain sensors and the software that watches them. Its calendar here
-- runs from January 2024 to the middle of May 2026; "today" is 2026-05-15.

CREATE TABLE calendar AS
WITH RECURSIVE day(date) AS (
    SELECT '2024-01-01'
    UNION ALL
    SELECT date(date, '+1 day') FROM day WHERE date < '2026-05-31'
)
SELECT date,
       row_number() OVER (ORDER BY date) AS n,
       substr(date, 1, 7) AS month,
       substr(date, 1, 4) || 'Q' || ((CAST(substr(date, 6, 2) AS INTEGER) + 2) / 3) AS quarter,
       CAST(strftime('%w', date) AS INTEGER) AS weekday,                 -- 0 is Sunday
       substr(date, 6) IN ('12-24', '12-25', '12-26', '12-31', '01-01', '05-01') AS holiday
FROM day;

-- share: of the customers. cities and kinds make the customers' names.
CREATE TABLE country (name, region, share, cities, kinds);
INSERT INTO country VALUES
('United States', 'NA', 118, 'Chicago|Portland|Atlanta|Fresno|Boston|Tampa|Omaha|Salinas|Houston|Albany|Duluth|Reno',
    '{} Cold Storage|{} Fresh Foods Inc.|{} Regional Hospital|Greater {} Biologics|{} Produce Co.|{} Freight Lines|University of {} Labs|{} Seafood Company|First {} Pharmacy Group|{} Dairy Cooperative'),
('Canada', 'NA', 34, 'Montréal|Toronto|Halifax|Calgary|Québec|Vancouver|Winnipeg',
    '{} Cold Logistics|Laiterie {}|{} General Hospital|{} Fisheries Ltd.|{} Foods'),
('Germany', 'EMEA', 44, 'Köln|München|Hamburg|Düsseldorf|Leipzig|Nürnberg|Lübeck|Kassel',
    '{}er Kühllogistik GmbH|Apothekenverbund {}|Feinkost {} AG|Universitätsklinikum {}|Molkerei {} eG|Biotech {} GmbH'),
('United Kingdom', 'EMEA', 36, 'Leeds|Bristol|Cardiff|Norwich|Glasgow|Exeter|Hull',
    '{} Chilled Distribution Ltd|{} Royal Infirmary|{} Fish Market|{} Vaccines plc|{} Catering Partners|{} Farm Foods'),
('France', 'EMEA', 26, 'Lyon|Orléans|Besançon|Nîmes|Rennes|Bordeaux',
    'Fromagerie de {}|{} Frigo Transport|CHU {}|Traiteur {} SARL|Pharmacie Centrale {}'),
('Switzerland', 'EMEA', 14, 'Zürich|Genève|Basel|Luzern|Neuchâtel',
    '{} Kühlhaus AG|Spital {}|Life Sciences {} SA|Käserei {}'),
('Netherlands', 'EMEA', 14, 'Utrecht|Rotterdam|Groningen|Venlo',
    '{} Koelhuis BV|Bloemen {} BV|Ziekenhuis {}|{} Vers Groep'),
('Spain', 'EMEA', 14, 'Málaga|València|A Coruña|Zaragoza',
    'Frutas {} SL|Hospital de {}|Congelados {} SA|Pescados {}'),
('Poland', 'EMEA', 11, 'Łódź|Kraków|Gdańsk|Poznań', 'Chłodnie {} Sp. z o.o.|Apteki {}|Mleczarnia {}'),
('Sweden', 'EMEA', 10, 'Malmö|Göteborg|Umeå|Örebro', '{} Kyltransport AB|{} Mejeri|Fisk från {} AB'),
('Denmark', 'EMEA', 7, 'Aarhus|Ålborg|København', '{} Kølelager A/S|{} Fødevarer ApS|Klinik {}'),
('South Africa', 'EMEA', 8, 'Cape Town|Durban|Gqeberha', '{} Cold Chain (Pty) Ltd|{} Wine Estates|{} Clinics'),
('United Arab Emirates', 'EMEA', 6, 'Dubai|Sharjah|Al Ain', '{} Chilled Foods LLC|{} Medical Supplies'),
('Japan', 'APAC', 24, '東京|大阪|札幌|福岡|仙台', '{}冷蔵株式会社|{}製薬|{}フーズ|{}大学病院|Nippon {} Logistics'),
('Australia', 'APAC', 20, 'Sydney|Perth|Hobart|Geelong|Cairns', '{} Seafoods Pty Ltd|{} Cold Stores|{} Pathology|{} Dairy'),
('India', 'APAC', 16, 'Mumbai|Pune|Bengaluru|Chennai|Kochi', '{} Vaccine Institute|{} Dairy Pvt. Ltd.|{} Marine Exports|{} Pharma Ltd.'),
('Singapore', 'APAC', 8, 'Jurong|Changi|Tuas', '{} Cold Hub Pte. Ltd.|{} Biomedical|{} Fresh Mart'),
('South Korea', 'APAC', 9, '서울|부산|인천', '{}냉장물류|{}바이오|{} 식품'),
('Brazil', 'LATAM', 20, 'São Paulo|Curitiba|Florianópolis|Goiânia|Belém', 'Frigorífico {} SA|Hospital {}|Laticínios {} Ltda|{} Alimentos'),
('Mexico', 'LATAM', 15, 'Mérida|Querétaro|León|Ciudad Juárez', 'Refrigerados {} SA de CV|Farmacias {}|Mariscos {}'),
('Chile', 'LATAM', 8, 'Valparaíso|Concepción|Osorno', 'Salmones {} SpA|Viña {}|Clínica {}');

-- 462 customers. weight is how much they buy and use: heavy-tailed, a few carry the business.
CREATE TABLE account AS
WITH RECURSIVE spread(name, region, cities, kinds, k, share) AS (
    SELECT name, region, cities, kinds, 1, share FROM country
    UNION ALL
    SELECT name, region, cities, kinds, k + 1, share FROM spread WHERE k < share
),
named AS (
    SELECT name AS country, region, k,
           replace(nth(kinds, 1 + (k - 1) / items(cities)),
                   '{}', nth(cities, k + (k - 1) / items(cities))) AS account_name
    FROM spread
),
typed AS (
    SELECT row_number() OVER (ORDER BY rnd('order', country, k)) AS n, *,
           pick('Enterprise:17|Mid-Market:35|SMB:48', 'segment', country, k) AS segment,
           CASE
               WHEN account_name LIKE '%hosp%' OR account_name LIKE '%klini%' OR account_name LIKE '%clini%'
                    OR account_name LIKE '%infirmary%' OR account_name LIKE '%spital%' OR account_name LIKE 'CHU%'
                    OR account_name LIKE '%ziekenhuis%' OR account_name LIKE '%病院' OR account_name LIKE '%path%'
               THEN 'Hospitals'
               WHEN account_name LIKE '%phar%' OR account_name LIKE '%bio%' OR account_name LIKE '%vacc%' OR account_name LIKE '%apot%'
                    OR account_name LIKE '%apte%' OR account_name LIKE '%farmac%' OR account_name LIKE '%製薬'
                    OR account_name LIKE '%바이오' OR account_name LIKE '%life sc%' OR account_name LIKE '%labs' OR account_name LIKE '%medical%'
               THEN 'Life Sciences'
               WHEN account_name LIKE '%log%' OR account_name LIKE '%cold%' OR account_name LIKE '%freight%' OR account_name LIKE '%chilled d%'
                    OR account_name LIKE '%frigo t%' OR account_name LIKE '%kühl%' OR account_name LIKE '%koel%' OR account_name LIKE '%chłod%'
                    OR account_name LIKE '%kyl%' OR account_name LIKE '%køle%' OR account_name LIKE '%冷蔵%' OR account_name LIKE '%냉장%'
                    OR account_name LIKE '%refrig%'
               THEN 'Logistics'
               WHEN account_name LIKE '%cater%' OR account_name LIKE '%trait%' OR account_name LIKE '%feinkost%' OR account_name LIKE '%mart%'
               THEN 'Catering & Retail'
               ELSE 'Food Producers'
           END AS industry
    FROM named
)
SELECT n, printf('AC-%04d', 1000 + n) AS account_id, account_name, country, region, segment, industry,
       CASE segment
           WHEN 'Enterprise' THEN pick('Enterprise:85|Business:15', 'plan', n)
           WHEN 'Mid-Market' THEN pick('Business:70|Enterprise:12|Team:18', 'plan', n)
           ELSE pick('Team:58|Starter:42', 'plan', n)
       END AS plan,
       CASE segment WHEN 'Enterprise' THEN 14 WHEN 'Mid-Market' THEN 4 ELSE 1 END
           * lognormal(1, 0.85, 'weight', n) AS weight,
       -- Most signed up before the calendar begins, the rest ever faster.
       date('2020-06-01', '+' || CAST(2150 * pow(rnd('signup', n), 0.75) AS INTEGER) || ' days') AS signup_date,
       CASE WHEN rnd('churns', n) < CASE segment WHEN 'Enterprise' THEN 0.05 WHEN 'Mid-Market' THEN 0.13 ELSE 0.24 END
            THEN date('2024-04-01', '+' || rndint(0, 740, 'churn', n) || ' days') END AS leaves,
       nth('Ingrid Solheim|Tomás Herrera|Aisha Bello|Kenji Watanabe|Clémence Dufour|Rohan Iyer|Beatriz Nogueira|Owen Pritchard',
           CASE region WHEN 'EMEA' THEN nth('1|3|5|8', rndint(1, 4, 'csm', n)) WHEN 'NA' THEN nth('2|8|3', rndint(1, 3, 'csm', n))
                       WHEN 'APAC' THEN nth('4|6', rndint(1, 2, 'csm', n)) ELSE nth('7|2', rndint(1, 2, 'csm', n)) END) AS success_manager
FROM typed;

-- churn_date only where the customer had been one for half a year.
ALTER TABLE account ADD COLUMN churn_date;
UPDATE account SET churn_date = leaves WHERE leaves > date(signup_date, '+180 days');
CREATE UNIQUE INDEX account_n ON account (n);

-- Sales people. skill moves their win rate; from and to are when they were with the company.
CREATE TABLE rep (name, region, skill, share, since, until);
INSERT INTO rep VALUES
('Anke Vogel', 'EMEA', 0.45, 22, '2021-03-01', '2099-01-01'),
('Jürgen Weiß', 'EMEA', -0.25, 17, '2022-01-10', '2099-01-01'),
('Zoë Lefèvre', 'EMEA', 0.20, 18, '2022-09-01', '2099-01-01'),
('Olivia Hartley', 'EMEA', 0.05, 16, '2023-02-15', '2099-01-01'),
('Søren Kjær', 'EMEA', -0.10, 14, '2024-06-03', '2099-01-01'),
('Małgorzata Nowak', 'EMEA', 0.15, 12, '2024-11-04', '2099-01-01'),
('Dana Whitfield', 'NA', 0.55, 24, '2020-08-17', '2099-01-01'),
('Marcus O''Neill', 'NA', -0.05, 20, '2021-05-03', '2099-01-01'),
('Priya Raman', 'NA', 0.30, 20, '2022-04-19', '2099-01-01'),
('Tyler Brooks', 'NA', -0.60, 18, '2023-01-09', '2025-07-31'),
('Renée Tremblay', 'NA', 0.10, 14, '2023-10-02', '2099-01-01'),
('佐藤 健', 'APAC', 0.25, 22, '2022-07-01', '2099-01-01'),
('Mei-Ling Tan', 'APAC', 0.35, 20, '2021-11-15', '2099-01-01'),
('Arjun Mehta', 'APAC', -0.15, 18, '2023-05-22', '2099-01-01'),
('João Almeida', 'LATAM', 0.10, 22, '2022-02-07', '2099-01-01'),
('Lucía Fernández', 'LATAM', 0.00, 20, '2023-08-21', '2099-01-01');
