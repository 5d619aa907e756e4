-- The contacts of the CRM that was in use before 2024, as they were when it was switched off.

WITH RECURSIVE seq(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM seq WHERE n < 120)
SELECT printf('C%03d', n) AS contact_id,
       (SELECT account_name FROM account WHERE account.n = seq.n) AS account_name,
       pick('Customer:60|Prospect:40', 'kind', n) AS kind,
       date('2023-12-29', '-' || rndint(0, 900, 'touched', n) || ' days') AS last_contact
FROM seq;
