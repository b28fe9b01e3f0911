-- A completed funnel that the playbook names is a conversion too, beside won deals.
COMMENT ON TABLE weir.conversion IS
    'Every won deal that is attributed, and every completed attempt at a funnel that the playbook names as a conversion.';
COMMENT ON COLUMN weir.conversion.conversion_id IS
    'deal/ and the deal; of a completed attempt funnel/, the funnel, entity_id and attempt_no of funnel_attempt, with slashes between.';
COMMENT ON COLUMN weir.conversion.entity_id IS
    'The account of the deal, or its first person where it has none; of a completed attempt whose it is, as in funnel_attempt.';
COMMENT ON COLUMN weir.conversion.deal_id IS 'The deal that was won; empty for a completed attempt.';
COMMENT ON COLUMN weir.conversion.account_id IS 'The account of the deal; of a completed attempt as in funnel_attempt.';
COMMENT ON COLUMN weir.conversion.converted_at IS
    'When it was won; the last time, if it was reopened. Of an attempt, when it was complete.';
COMMENT ON COLUMN weir.conversion.amount_reporting IS
    'Revenue in the reporting currency at the rate of the day it was won; 0 where nobody said an amount, empty without a rate. Of a completed attempt what the playbook says it is worth, which is no revenue.';
COMMENT ON COLUMN weir.conversion.amount IS
    'Revenue in the currency of the deal, as it is known now; of a completed attempt what the playbook says it is worth.';
COMMENT ON COLUMN weir.conversion.touches IS
    'Touches of its persons and its account in the lookback before; of a completed attempt, of whoever completed it.';
COMMENT ON TABLE weir.touch_credit IS
    'What each touch is credited with, by each model that looks at one conversion at a time. The credits of a conversion and model sum to its revenue, or its worth, exactly.';
COMMENT ON COLUMN weir.touch_credit.currency IS 'Currency of the conversion, ISO 4217.';

CREATE OR REPLACE VIEW bi.touch_credit AS
SELECT t.conversion_id, t.touch_event_id, t.model, t.channel, t.campaign, t.asset, t.asset_version, t.touched_at,
       t.credit_minor, t.currency, t.credit_reporting_minor, c.deal_id, c.converted_at, t.definition, t.as_of, c.funnel
FROM weir.touch_credit t
JOIN weir.conversion c ON c.conversion_id = t.conversion_id AND c.definition = t.definition AND NOT c.deleted
WHERE NOT t.deleted;
COMMENT ON VIEW bi.touch_credit IS
    'What each touch before a conversion is credited with. Choose one model, and one funnel or (funnel IS NULL) won deals; its credits of a conversion sum to the revenue exactly.';
COMMENT ON VIEW bi.conversion IS
    'Every won deal that is attributed (funnel IS NULL), and every completed attempt at a funnel that the playbook names as a conversion.';

-- A view's column has the words of its table's.
DO $$
DECLARE
    said record;
BEGIN
    FOR said IN
        SELECT v.name, a.attname, col_description(t.oid, b.attnum) AS words
        FROM (VALUES ('conversion', 'conversion'), ('touch_credit', 'touch_credit'), ('touch_credit', 'conversion')) v (name, source)
        JOIN pg_class o ON o.relnamespace = 'bi'::regnamespace AND o.relname = v.name
        JOIN pg_class t ON t.relnamespace = 'weir'::regnamespace AND t.relname = v.source
        JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum > 0
        JOIN pg_attribute b ON b.attrelid = t.oid AND b.attname = a.attname
        WHERE v.name = v.source OR a.attname IN ('deal_id', 'converted_at', 'funnel')
    LOOP
        EXECUTE format('COMMENT ON COLUMN bi.%I.%I IS %L', said.name, said.attname, said.words);
    END LOOP;
END
$$;
