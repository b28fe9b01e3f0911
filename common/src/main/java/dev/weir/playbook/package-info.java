/** The definitions a business measures itself by, as records: pipelines, stages, funnels, calendars, routes. */
@NullMarked
package dev.weir.playbook;

import org.jspecify.annotations.NullMarked;
