-- Counts and values are watched too, at every grain; what their columns mean.
COMMENT ON COLUMN weir.metric_point.metric IS 'Name of the series: conversion, entered or time_to/<funnel>/<step>; dwell, arrivals or wip/<pipeline>/<stage>; win_rate/<pipeline>.';
COMMENT ON COLUMN weir.metric_point.kind IS 'What kind of number it is: rate, duration, count or value.';
COMMENT ON COLUMN weir.metric_point.numerator IS 'The successes of a rate, the exits of a duration, what a count counted; else the value itself.';
COMMENT ON COLUMN weir.metric_point.denominator IS 'The trials of a rate, the days at risk of a duration, the days of a count; 1 for a value.';
COMMENT ON COLUMN weir.metric_point.score IS 'How strongly this and the windows before speak against no change; an alarm when it passes its threshold, at the grain that is watched. For a value, how far beyond its records it is: 1 is worth telling.';
COMMENT ON COLUMN weir.alert.kind IS 'What was found: stalled, bottleneck, conversion_drop, volume_drop, volume_rise, unusual.';
