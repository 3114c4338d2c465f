-- The statements of the tutorial in docs/testing.md.
CREATE TABLE revenue (
  customer STRING,
  total DECIMAL(10, 2),
  PRIMARY KEY (customer) NOT ENFORCED
);

INSERT INTO revenue
SELECT customer, SUM(amount) FROM orders WHERE amount > 0 GROUP BY customer;
