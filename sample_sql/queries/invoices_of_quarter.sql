-- Invoices for the quarterly closing.
SELECT customer, sum(net) AS net
FROM finance.invoices
WHERE posting_date BETWEEN date '2025-01-01' AND date '2025-06-30'
GROUP BY customer;

-- Which of them were paid? Accounts are in the bank's own catalog.
SELECT i.customer, p.paid_at
FROM finance.invoices i
JOIN bank.payments p ON p.reference = i.number
WHERE i.posting_date BETWEEN date '2025-04-01' AND date '2025-06-30';
