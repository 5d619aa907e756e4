-- One row a person who works or has worked at Brightmere since 2024: 860 of them. Pay follows
-- level, job family and country; people leave mostly in their first two years and where the
-- engagement is low.

CREATE TEMP TABLE office (city, country, region, share, pay, given, family);
INSERT INTO office VALUES
('Chicago', 'United States', 'NA', 30, 1.0,
 'Ashley|Brandon|Carmen|Dwight|Emily|Gabriel|Hannah|Isaiah|Jasmine|Kevin|Lauren|Malik|Natalie|Omar|Rachel|Steven|Tamika|Victor',
 'Anderson|Baker|Castillo|Douglas|Edwards|Freeman|Grant|Hughes|Ito|Jackson|Kowalski|Lopez|Mitchell|Nguyen|Ortiz|Patel|Reed|Sullivan'),
('Zürich', 'Switzerland', 'EMEA', 24, 1.12,
 'Anna|Beat|Céline|Dominik|Eva|Fabian|Giulia|Hans-Peter|Jörg|Katharina|Luca|Mélanie|Nico|Reto|Simone|Ursina|Vanessa|Yannick',
 'Ammann|Bürki|Caflisch|Dürr|Egli|Frei|Gähwiler|Hürlimann|Jäggi|Küng|Lüthi|Müller|Nägeli|Odermatt|Rüegg|Schönenberger|Tschudi|Zürcher'),
('Leeds', 'United Kingdom', 'EMEA', 12, 0.72,
 'Alice|Ben|Charlotte|Dev|Eleanor|Finlay|Grace|Harriet|Imran|Joshua|Keira|Liam|Molly|Niamh|Oscar|Poppy|Rhys|Zara',
 'Ainsworth|Bell|Clarke|Davies|Evans|Fletcher|Green|Hussain|Jones|Khan|Lloyd|Morgan|O''Connor|Price|Roberts|Shaw|Taylor|Wright'),
('Łódź', 'Poland', 'EMEA', 12, 0.46,
 'Agnieszka|Bartosz|Dorota|Elżbieta|Filip|Grażyna|Jakub|Kamila|Łukasz|Magdalena|Michał|Paweł|Rafał|Stanisław|Wojciech|Zofia',
 'Adamczyk|Błaszczyk|Czajka|Duda|Jóźwiak|Kaźmierczak|Lis|Mróz|Nowak|Pawlak|Piątek|Sikora|Walczak|Wójcik|Zając|Żak'),
('東京', 'Japan', 'APAC', 12, 0.68,
 '葵|大輔|恵子|蓮|美咲|直樹|陽子|拓也|由美|健太|さくら|翔太', '佐藤|鈴木|高橋|田中|伊藤|渡辺|山本|中村|小林|加藤|吉田|山田'),
('São Paulo', 'Brazil', 'LATAM', 10, 0.38,
 'Amanda|Bruno|Cauã|Débora|Eduardo|Fernanda|Gustavo|Inês|João|Letícia|Márcio|Natália|Otávio|Patrícia|Renato|Tânia',
 'Araújo|Barbosa|Conceição|Dias|Esteves|Fonseca|Gonçalves|Lima|Magalhães|Nascimento|Oliveira|Pereira|Ribeiro|Simões|Teixeira|Vasconcelos');

WITH RECURSIVE seq(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM seq WHERE n < 860),
placed AS MATERIALIZED (
    SELECT n, pick('Chicago:30|Zürich:24|Leeds:12|Łódź:13|東京:12|São Paulo:9', 'office', n) AS city,
           pick('Engineering:31|Sales:17|Customer Success:14|Operations:14|Marketing:8|Product:7|Finance:5|People:4', 'department', n) AS department,
           pick('1:14|2:30|3:29|4:16|5:8|6:3', 'level', n) AS level_text,
           date('2026-05-10', '-' || CAST(3300 * pow(rnd('hired', n), 1.4) AS INTEGER) || ' days') AS hired
    FROM seq
),
counted AS (
    SELECT *, row_number() OVER (PARTITION BY city ORDER BY n) AS r FROM placed
),
people AS MATERIALIZED (
    SELECT p.*, CAST(level_text AS INTEGER) AS level, o.country, o.region, o.pay,
           -- Everybody has a name of their own: all pairs of an office are gone through.
           iif(o.city = '東京', nth(o.family, r) || ' ' || nth(o.given, 1 + r / items(o.family) + r),
               nth(o.given, r) || ' ' || nth(o.family, 1 + r / items(o.given) + r)) AS full_name,
           max(1.0, min(10.0, 7.3 + 0.9 * gauss('mood', n) + CASE department WHEN 'Customer Success' THEN -0.7 WHEN 'Product' THEN 0.4 WHEN 'People' THEN 0.3 ELSE 0 END
               - 0.5 * (p.city = 'Leeds') + 0.12 * (level_text - 3))) AS engagement
    FROM counted p JOIN office o ON o.city = p.city
),
gone AS MATERIALIZED (
    SELECT *, max(date(hired, '+60 days'), '2024-01-08') AS earliest,
           rnd('left', n) < 0.72 / (1 + exp(1.15 * (engagement - 6.1))) + 0.09 AS leaves
    FROM people
),
settled AS MATERIALIZED (
    -- The risk falls with tenure: new people go early in the time they have had.
    SELECT *, CASE WHEN leaves AND earliest < '2026-05-15'
                   THEN date(earliest, '+' || CAST((julianday('2026-05-15') - julianday(earliest))
                                                   * pow(rnd('when', n), iif(hired > '2023-06-01', 1.5, 1.05)) AS INTEGER) || ' days') END AS left_on
    FROM gone
)
SELECT printf('E%04d', 100 + n) AS employee_id,
       full_name,
       department,
       CASE department WHEN 'Engineering' THEN pick('Firmware Engineer|Backend Engineer|Data Engineer|Site Reliability Engineer|QA Engineer', 'title', n)
                       WHEN 'Sales' THEN pick('Account Executive|Sales Development Rep|Solutions Engineer', 'title', n)
                       WHEN 'Customer Success' THEN pick('Success Manager|Support Agent:2|Onboarding Specialist', 'title', n)
                       WHEN 'Operations' THEN pick('Supply Planner|Assembly Technician:3|Quality Inspector', 'title', n)
                       WHEN 'Marketing' THEN pick('Content Marketer|Demand Manager|Event Manager', 'title', n)
                       WHEN 'Product' THEN pick('Product Manager|Product Designer', 'title', n)
                       WHEN 'Finance' THEN pick('Accountant|Financial Analyst|Controller', 'title', n)
                       ELSE pick('Recruiter|People Partner', 'title', n) END AS job_title,
       level AS job_level,
       city AS office,
       country,
       region,
       pick('Hybrid:52|On-site:30|Remote:18', 'mode', n) AS work_mode,
       CASE WHEN left_on IS NOT NULL THEN 'Left' WHEN rnd('leave', n) < 0.035 THEN 'On leave' ELSE 'Active' END AS status,
       hired AS hire_date,
       coalesce(left_on, max(hired, date('2026-04-01', '-' || (365 * rndint(0, 2, 'since', n)) || ' days'))) AS status_since,
       round((julianday(coalesce(left_on, '2026-05-15')) - julianday(hired)) / 365.25, 2) AS tenure_years,
       round(42500 * pow(1.29, level - 1) * pay
             * CASE department WHEN 'Engineering' THEN 1.32 WHEN 'Product' THEN 1.3 WHEN 'Sales' THEN 1.08 WHEN 'Finance' THEN 1.1 WHEN 'Operations' THEN 0.86 ELSE 1 END
             * (1 + 0.012 * min(8, (julianday('2026-05-15') - julianday(hired)) / 365.25)) * lognormal(1, 0.085, 'pay', n)
             * iif(n IN (77, 402), 2.6, 1) / 100) * 100.0 AS base_salary_usd,
       maybe(0.97, CAST(max(1, min(5, round(3.35 + 0.28 * (engagement - 7) + 0.75 * gauss('rating', n)))) AS INTEGER), 'rating', n) AS performance_rating,
       maybe(0.97, round(engagement, 1), 'engagement', n) AS engagement_score,
       maybe(0.97, nth('Margarethe Lindqvist|Hiroshi Kanda|Ingrid Solheim|Nadia Haddad|Tomás Herrera|Paulo Siqueira|Oluwaseun Adeyemi|Bettina Krähenbühl|Caoimhe Byrne|Viktor Šimánek',
                       rndint(1, 10, 'manager', department, city, level / 3)), 'manager', n) AS manager_name,
       level >= 4 AND rnd('leads', n) < 0.75 AS is_people_manager
FROM settled
ORDER BY n;
