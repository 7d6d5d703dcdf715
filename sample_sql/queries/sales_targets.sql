-- Targets of the second half of the year, from the planning sheet.
INSERT INTO curated.sales_targets VALUES (1, '2025-07', 120000.00);
INSERT INTO curated.sales_targets VALUES (1, '2025-08', 124000.00);
INSERT INTO curated.sales_targets VALUES (2, '2025-07', 86000.00);
INSERT INTO curated.sales_targets VALUES (2, '2025-08', 88500.00);
INSERT INTO curated.sales_targets VALUES (3, '2025-07', 41000.00);
INSERT INTO curated.sales_targets VALUES (3, '2025-08', 43000.00);
