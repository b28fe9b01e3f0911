-- Which touches came before revenue, and what campaigns did.
CREATE TABLE weir.conversion (
    conversion_id    text NOT NULL,
    funnel           text,
    entity_id        text,
    deal_id          text,
    account_id       text,
    converted_at     timestamptz,
    amount_reporting numeric(20, 4),
    amount           numeric(20, 4),
    currency         text,
    deal_type        text,
    touches          bigint
);
COMMENT ON TABLE weir.conversion IS 'Every won deal that is attributed.';
COMMENT ON COLUMN weir.conversion.conversion_id IS 'deal/ and the deal.';
COMMENT ON COLUMN weir.conversion.funnel IS 'The funnel that was completed; empty for a won deal.';
COMMENT ON COLUMN weir.conversion.entity_id IS 'The account of the deal, or its first person where it has none.';
COMMENT ON COLUMN weir.conversion.deal_id IS 'The deal that was won.';
COMMENT ON COLUMN weir.conversion.account_id IS 'The account of the deal.';
COMMENT ON COLUMN weir.conversion.converted_at IS 'When it was won; the last time, if it was reopened.';
COMMENT ON COLUMN weir.conversion.amount_reporting IS
    'Revenue in the reporting currency at the rate of the day it was won; 0 where nobody said an amount, empty without a rate.';
COMMENT ON COLUMN weir.conversion.amount IS 'Revenue in the currency of the deal, as it is known now.';
COMMENT ON COLUMN weir.conversion.currency IS 'Currency of amount, ISO 4217.';
COMMENT ON COLUMN weir.conversion.deal_type IS 'New business, expansion or renewal, as the source says it.';
COMMENT ON COLUMN weir.conversion.touches IS 'Touches of its persons and its account in the lookback before.';

CREATE TABLE weir.touch_credit (
    conversion_id          text NOT NULL,
    touch_event_id         text NOT NULL,
    model                  text NOT NULL,
    channel                text,
    campaign               text,
    asset                  text,
    asset_version          text,
    touched_at             timestamptz,
    credit_minor           bigint,
    currency               text,
    credit_reporting_minor bigint
);
COMMENT ON TABLE weir.touch_credit IS
    'What each touch is credited with, by each model that looks at one won deal at a time. The credits of a conversion and model sum to its revenue exactly.';
COMMENT ON COLUMN weir.touch_credit.conversion_id IS 'The conversion.';
COMMENT ON COLUMN weir.touch_credit.touch_event_id IS 'The engagement; (unattributed) for a conversion without touches.';
COMMENT ON COLUMN weir.touch_credit.model IS 'first, last, linear, position, time_decay or shapley. markov credits channels and windows only.';
COMMENT ON COLUMN weir.touch_credit.channel IS 'Channel of the touch.';
COMMENT ON COLUMN weir.touch_credit.campaign IS 'Campaign of the touch.';
COMMENT ON COLUMN weir.touch_credit.asset IS 'What was seen or used.';
COMMENT ON COLUMN weir.touch_credit.asset_version IS 'Which version of the asset.';
COMMENT ON COLUMN weir.touch_credit.touched_at IS 'When.';
COMMENT ON COLUMN weir.touch_credit.credit_minor IS 'Credit in minor units of currency, such as cents.';
COMMENT ON COLUMN weir.touch_credit.currency IS 'Currency of the deal, ISO 4217.';
COMMENT ON COLUMN weir.touch_credit.credit_reporting_minor IS
    'Credit in minor units of the reporting currency; empty without a rate.';

CREATE TABLE weir.attribution_window (
    model               text NOT NULL,
    grain               text NOT NULL,
    window_start        timestamptz NOT NULL,
    breakdown           text NOT NULL,
    value               text NOT NULL,
    window_end          timestamptz,
    window_date         date,
    timezone            text,
    is_complete         boolean,
    conversions         double precision,
    revenue             numeric(20, 4),
    currency            text,
    without_rate        double precision,
    minimum_conversions bigint
);
COMMENT ON TABLE weir.attribution_window IS
    'Credit of a channel, campaign or asset for the deals won in a window. Within a model, window and breakdown the values sum to the total.';
COMMENT ON COLUMN weir.attribution_window.model IS
    'Rule by which credit is given: first, last, linear, position, time_decay, shapley or markov. None is causal.';
COMMENT ON COLUMN weir.attribution_window.breakdown IS 'channel, campaign, asset or asset_version; (total) for all. markov has channel only.';
COMMENT ON COLUMN weir.attribution_window.value IS
    'The value of the breakdown; (unattributed) for deals without touches, (other) for channels that markov does not tell apart; an asset_version is written as asset@version.';
COMMENT ON COLUMN weir.attribution_window.conversions IS 'Won deals credited to it, in parts.';
COMMENT ON COLUMN weir.attribution_window.revenue IS 'Revenue credited to it, in the reporting currency.';
COMMENT ON COLUMN weir.attribution_window.currency IS 'The reporting currency, ISO 4217.';
COMMENT ON COLUMN weir.attribution_window.without_rate IS 'Of conversions, those whose amount has no rate and so is not in revenue.';
COMMENT ON COLUMN weir.attribution_window.minimum_conversions IS
    'With fewer won deals in the window, only first, last and linear say anything.';

CREATE TABLE weir.campaign_window (
    grain               text NOT NULL,
    window_start        timestamptz NOT NULL,
    breakdown           text NOT NULL,
    value               text NOT NULL,
    window_end          timestamptz,
    window_date         date,
    timezone            text,
    is_complete         boolean,
    touches             bigint,
    people_reached      bigint,
    people_engaged      bigint,
    email_sent          bigint,
    email_opened        bigint,
    email_clicked       bigint,
    email_bounced       bigint,
    email_unsubscribed  bigint,
    people_sent         bigint,
    people_opened       bigint,
    people_clicked      bigint,
    people_bounced      bigint,
    people_unsubscribed bigint,
    cost                numeric(20, 4),
    costs_without_rate  bigint,
    currency            text
);
COMMENT ON TABLE weir.campaign_window IS 'What a campaign, channel or asset did in a window, counted when it happened.';
COMMENT ON COLUMN weir.campaign_window.breakdown IS 'channel, campaign, asset or asset_version; (total) for all.';
COMMENT ON COLUMN weir.campaign_window.value IS 'The value of the breakdown; (unknown) where an event names none; an asset_version is written as asset@version.';
COMMENT ON COLUMN weir.campaign_window.touches IS 'Engagements that the playbook calls touches.';
COMMENT ON COLUMN weir.campaign_window.people_reached IS
    'People with any engagement but a bounce, each once; a visitor nobody has identified yet counts as one.';
COMMENT ON COLUMN weir.campaign_window.people_engaged IS 'Of those, people who did something: all but being sent an e-mail, unsubscribing or seeing an advertisement.';
COMMENT ON COLUMN weir.campaign_window.email_sent IS 'E-mails sent.';
COMMENT ON COLUMN weir.campaign_window.email_opened IS 'Times that an e-mail was opened.';
COMMENT ON COLUMN weir.campaign_window.email_clicked IS 'Times that a link of an e-mail was followed.';
COMMENT ON COLUMN weir.campaign_window.email_bounced IS 'E-mails that came back.';
COMMENT ON COLUMN weir.campaign_window.email_unsubscribed IS 'Times that somebody asked for no more.';
COMMENT ON COLUMN weir.campaign_window.people_sent IS 'People who were sent an e-mail, each once.';
COMMENT ON COLUMN weir.campaign_window.people_opened IS 'People who opened one, each once.';
COMMENT ON COLUMN weir.campaign_window.people_clicked IS 'People who followed a link of one, each once.';
COMMENT ON COLUMN weir.campaign_window.people_bounced IS 'People whose e-mail came back, each once.';
COMMENT ON COLUMN weir.campaign_window.people_unsubscribed IS 'People who asked for no more, each once.';
COMMENT ON COLUMN weir.campaign_window.cost IS 'What it cost in the window, in the reporting currency at the rate of the day.';
COMMENT ON COLUMN weir.campaign_window.costs_without_rate IS 'Costs in a currency without a rate, not in cost.';
COMMENT ON COLUMN weir.campaign_window.currency IS 'The reporting currency, ISO 4217.';

-- What every table has.
DO $$
DECLARE
    name text;
    key  text;
BEGIN
    FOREACH name IN ARRAY ARRAY ['conversion', 'touch_credit', 'attribution_window', 'campaign_window'] LOOP
        SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO key
        FROM pg_attribute a
        WHERE a.attrelid = format('weir.%I', name)::regclass AND a.attnum > 0 AND a.attnotnull;
        EXECUTE format(
            'ALTER TABLE weir.%1$I
                 ADD COLUMN definition text NOT NULL DEFAULT '''',
                 ADD COLUMN deleted boolean NOT NULL DEFAULT false,
                 ADD COLUMN as_of timestamptz,
                 ADD COLUMN revision bigint NOT NULL,
                 ADD COLUMN loaded_at timestamptz NOT NULL DEFAULT now(),
                 ADD PRIMARY KEY (%2$s, definition)', name, key);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON weir.%I TO weir_writer', name);
    END LOOP;
END
$$;

CREATE VIEW bi.conversion AS
SELECT conversion_id, funnel, entity_id, deal_id, account_id, converted_at, amount_reporting, amount, currency, deal_type,
       touches, definition, as_of
FROM weir.conversion
WHERE NOT deleted;
COMMENT ON VIEW bi.conversion IS 'Every won deal that is attributed.';

CREATE VIEW bi.touch_credit AS
SELECT t.conversion_id, t.touch_event_id, t.model, t.channel, t.campaign, t.asset, t.asset_version, t.touched_at,
       t.credit_minor, t.currency, t.credit_reporting_minor, c.deal_id, c.converted_at, t.definition, t.as_of
FROM weir.touch_credit t
JOIN weir.conversion c ON c.conversion_id = t.conversion_id AND c.definition = t.definition AND NOT c.deleted
WHERE NOT t.deleted;
COMMENT ON VIEW bi.touch_credit IS
    'What each touch before a won deal is credited with. Choose one model; its credits of a conversion sum to the revenue exactly.';

CREATE VIEW bi.attribution AS
SELECT a.model, a.grain, a.window_start, a.window_end, a.window_date, a.timezone, a.is_complete, a.breakdown, a.value,
       a.conversions, a.revenue, a.currency, a.without_rate,
       (a.revenue / nullif(t.revenue, 0))::double precision AS revenue_share,
       c.cost,
       (a.revenue / nullif(c.cost, 0))::double precision AS roas,
       round(c.cost / nullif(a.conversions::numeric, 0), 4) AS cost_per_conversion,
       t.conversions::bigint AS n,
       bi.evidence(t.conversions::bigint) AS evidence,
       a.definition, a.as_of
FROM weir.attribution_window a
JOIN weir.attribution_window t
    ON t.model = a.model AND t.grain = a.grain AND t.window_start = a.window_start AND t.definition = a.definition
    AND t.breakdown = '(total)' AND NOT t.deleted
LEFT JOIN weir.campaign_window c
    ON c.grain = a.grain AND c.window_start = a.window_start AND c.breakdown = a.breakdown AND c.value = a.value
    AND c.definition = a.definition AND NOT c.deleted
WHERE NOT a.deleted AND a.breakdown <> '(total)'
  AND (a.model IN ('first', 'last', 'linear') OR t.conversions >= a.minimum_conversions);
COMMENT ON VIEW bi.attribution IS
    'Credit per channel, campaign, asset or version for the deals won in a window, beside what it cost in the window. Choose one model, one grain, one breakdown. Models beyond first, last and linear only from minimum_conversions on. Touches that came before revenue; none of the models says what caused it.';
COMMENT ON COLUMN bi.attribution.revenue_share IS 'Its part of all revenue of the window, 0 to 1.';
COMMENT ON COLUMN bi.attribution.cost IS 'What it cost in the window, in the reporting currency; empty where no cost is known.';
COMMENT ON COLUMN bi.attribution.roas IS 'Return on advertising spend: credited revenue per unit of cost; empty without cost.';
COMMENT ON COLUMN bi.attribution.cost_per_conversion IS 'Cost for each won deal credited; empty without cost.';
COMMENT ON COLUMN bi.attribution.n IS 'Won deals of the window.';
COMMENT ON COLUMN bi.attribution.evidence IS 'none for no won deal in the window, thin below 10, else enough.';

CREATE VIEW bi.campaign_by AS
SELECT c.grain, c.window_start, c.window_end, c.window_date, c.timezone, c.is_complete, c.breakdown, c.value,
       c.touches, c.people_reached, c.people_engaged,
       c.people_engaged::double precision / nullif(c.people_reached, 0) AS engagement_rate,
       bi.jeffreys(c.people_engaged, c.people_reached, 0.025) AS low,
       bi.jeffreys(c.people_engaged, c.people_reached, 0.975) AS high,
       bi.evidence(c.people_reached) AS evidence,
       c.email_sent, c.email_opened, c.email_clicked, c.email_bounced, c.email_unsubscribed,
       c.people_sent, c.people_opened, c.people_clicked, c.people_bounced, c.people_unsubscribed,
       c.people_opened::double precision / nullif(c.people_sent, 0) AS open_rate,
       c.people_clicked::double precision / nullif(c.people_sent, 0) AS click_rate,
       c.people_bounced::double precision / nullif(c.people_sent, 0) AS bounce_rate,
       c.people_unsubscribed::double precision / nullif(c.people_sent, 0) AS unsubscribe_rate,
       c.cost, c.costs_without_rate, c.currency,
       a.conversions_first, a.conversions_last, a.conversions_linear,
       a.revenue_first, a.revenue_last, a.revenue_linear, a.revenue_position, a.revenue_time_decay, a.revenue_shapley,
       c.definition, c.as_of
FROM weir.campaign_window c
LEFT JOIN LATERAL (
    SELECT max(b.conversions) FILTER (WHERE b.model = 'first') AS conversions_first,
           max(b.conversions) FILTER (WHERE b.model = 'last') AS conversions_last,
           max(b.conversions) FILTER (WHERE b.model = 'linear') AS conversions_linear,
           max(b.revenue) FILTER (WHERE b.model = 'first') AS revenue_first,
           max(b.revenue) FILTER (WHERE b.model = 'last') AS revenue_last,
           max(b.revenue) FILTER (WHERE b.model = 'linear') AS revenue_linear,
           max(b.revenue) FILTER (WHERE b.model = 'position') AS revenue_position,
           max(b.revenue) FILTER (WHERE b.model = 'time_decay') AS revenue_time_decay,
           max(b.revenue) FILTER (WHERE b.model = 'shapley') AS revenue_shapley
    FROM bi.attribution b
    WHERE b.grain = c.grain AND b.window_start = c.window_start AND b.breakdown = c.breakdown AND b.value = c.value
      AND b.definition = c.definition) a ON true
WHERE NOT c.deleted AND c.breakdown <> '(total)';
COMMENT ON VIEW bi.campaign_by IS
    'What channels, campaigns, assets and their versions did in a window. The breakdowns stand side by side: choose one. People may be in several values, so they do not sum.';

CREATE VIEW bi.campaign AS
SELECT grain, window_start, window_end, window_date, timezone, is_complete, value AS campaign,
       touches, people_reached, people_engaged, engagement_rate, low, high, evidence,
       email_sent, email_opened, email_clicked, email_bounced, email_unsubscribed,
       people_sent, people_opened, people_clicked, people_bounced, people_unsubscribed,
       open_rate, click_rate, bounce_rate, unsubscribe_rate, cost, costs_without_rate, currency,
       conversions_first, conversions_last, conversions_linear,
       revenue_first, revenue_last, revenue_linear, revenue_position, revenue_time_decay, revenue_shapley,
       definition, as_of
FROM bi.campaign_by
WHERE breakdown = 'campaign';
COMMENT ON VIEW bi.campaign IS 'What each campaign did in a window, what it cost, and the revenue that models credit it with.';
COMMENT ON COLUMN bi.campaign.campaign IS 'The campaign; (unknown) for engagement that names none.';

-- Words for the columns of tables and views that were not given above.
DO $$
DECLARE
    said record;
BEGIN
    FOR said IN
        SELECT n.nspname, v.relname, a.attname, coalesce(w.words, t.words) AS words
        FROM pg_class v
        JOIN pg_namespace n ON n.oid = v.relnamespace
        JOIN pg_attribute a ON a.attrelid = v.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN (VALUES
            ('definition', 'Hash of the attribution section by which the row was computed. Part of the key.'),
            ('engagement_rate', 'People engaged of those reached, 0 to 1; empty without any.'),
            ('low', 'Lower end of the 95 % interval of engagement_rate.'),
            ('high', 'Upper end of the 95 % interval of engagement_rate.'),
            ('evidence', 'none for nobody reached, thin below 10, else enough.'),
            ('open_rate', 'People who opened, of those sent an e-mail in the window.'),
            ('click_rate', 'People who followed a link, of those sent an e-mail in the window.'),
            ('bounce_rate', 'People whose e-mail came back, of those sent one in the window.'),
            ('unsubscribe_rate', 'People who asked for no more, of those sent an e-mail in the window.'),
            ('conversions_first', 'Won deals of the window credited to it by first touch.'),
            ('conversions_last', 'Won deals of the window credited to it by last touch.'),
            ('conversions_linear', 'Won deals of the window credited to it evenly over touches.'),
            ('revenue_first', 'Revenue of the window credited to it by first touch.'),
            ('revenue_last', 'Revenue of the window credited to it by last touch.'),
            ('revenue_linear', 'Revenue of the window credited to it evenly over touches.'),
            ('revenue_position', 'Revenue credited to it 40/20/40; empty below minimum_conversions.'),
            ('revenue_time_decay', 'Revenue credited to it by age of touch; empty below minimum_conversions.'),
            ('revenue_shapley', 'Revenue credited to it by Shapley value; empty below minimum_conversions.')) AS w (name, words)
            ON w.name = a.attname
        LEFT JOIN LATERAL (
            SELECT col_description(c.oid, b.attnum) AS words
            FROM pg_class c
            JOIN pg_attribute b ON b.attrelid = c.oid AND b.attname = a.attname
            WHERE c.relnamespace = 'weir'::regnamespace AND c.relkind = 'r' AND c.oid <> v.oid
              AND col_description(c.oid, b.attnum) IS NOT NULL
            ORDER BY c.relname <> CASE v.relname
                                      WHEN 'attribution' THEN 'attribution_window'
                                      WHEN 'campaign' THEN 'campaign_window'
                                      WHEN 'campaign_by' THEN 'campaign_window'
                                      ELSE v.relname
                                  END, c.relname
            LIMIT 1) t ON true
        WHERE ((n.nspname = 'weir' AND v.relkind = 'r'
                AND v.relname IN ('conversion', 'touch_credit', 'attribution_window', 'campaign_window'))
            OR (n.nspname = 'bi' AND v.relkind = 'v'
                AND v.relname IN ('conversion', 'touch_credit', 'attribution', 'campaign', 'campaign_by')))
          AND col_description(v.oid, a.attnum) IS NULL
        ORDER BY n.nspname DESC, v.relname
    LOOP
        EXECUTE format('COMMENT ON COLUMN %I.%I.%I IS %L', said.nspname, said.relname, said.attname, said.words);
    END LOOP;
END
$$;

GRANT SELECT ON bi.conversion, bi.touch_credit, bi.attribution, bi.campaign_by, bi.campaign TO weir_reader;
