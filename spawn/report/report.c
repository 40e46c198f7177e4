/* SPDX-License-Identifier: Apache-2.0 */
/* The exit report: one JSON object with everything known about the end. */
#include <errno.h>
#include <limits.h>

#include "../../init/contract.h"
#include "events.h"
#include "json_line.h"

#define REPORT_TIMEOUT_MS 1000 /* for a full pipe; the report is the last thing written */

static const char *const memory_sources[] = {
	[NIDUS_MEMORY_UNKNOWN] = NULL,
	[NIDUS_MEMORY_CGROUP] = "cgroup",
	[NIDUS_MEMORY_MONITOR] = "monitor",
	[NIDUS_MEMORY_MAX_RSS] = "max_rss",
};

static struct json_object *labels_object(const struct nidus_spec *spec)
{
	struct json_object *labels = json_object_new_object();

	for (size_t i = 0; labels && i < spec->label_count; i++) {
		struct json_object *value = json_object_new_object(), *text = NULL;

		/* Keys are the caller's: json-c copies them, and they are cleaned like values. */
		json_line_text(value, "k", spec->labels[i].key, INT_MAX / 4);
		json_line_text(value, "v", spec->labels[i].value, INT_MAX / 4);
		text = json_object_object_get(value, "k");
		if (text)
			json_object_object_add(labels, json_object_get_string(text),
					       json_object_get(json_object_object_get(value, "v")));
		json_object_put(value);
	}
	return labels;
}

static struct json_object *fault_object(const struct fault *fault)
{
	struct json_object *object;

	if (fault->step == STEP_NONE)
		return NULL;
	object = json_object_new_object();
	json_line_fault(object, fault);
	return object;
}

int report_write(int fd, const char *id, const struct nidus_spec *spec,
		 const struct nidus_result *result, struct fault *fault)
{
	struct json_object *report;
	int rc = 0;

	if (fd < 0)
		return 0;
	report = json_object_new_object();
	json_line_text(report, "id", id, JSON_LINE_TEXT_MAX);
	json_line_text(report, "name", spec->name, JSON_LINE_TEXT_MAX);
	json_line_member(report, "labels", labels_object(spec));
	json_line_text(report, "reason", nidus_reason_name(result->reason), JSON_LINE_TEXT_MAX);
	json_line_number(report, "exit_code", (uint64_t)result->exit_code);
	json_line_known(report, "signal", (uint64_t)result->signal, 0);
	json_line_bool(report, "core_dumped", result->core_dumped);
	json_line_known(report, "setup_us", result->setup_us, NIDUS_UNSET);
	json_line_known(report, "wall_us", result->wall_us, NIDUS_UNSET);
	json_line_known(report, "cpu_user_us", result->cpu_user_us, NIDUS_UNSET);
	json_line_known(report, "cpu_sys_us", result->cpu_sys_us, NIDUS_UNSET);
	json_line_known(report, "cpu_throttled_us", result->cpu_throttled_us, NIDUS_UNSET);
	json_line_known(report, "memory_peak", result->memory_peak, NIDUS_UNSET);
	json_line_text(report, "memory_source", memory_sources[result->memory_source],
		       JSON_LINE_TEXT_MAX);
	json_line_known(report, "max_rss", result->max_rss, NIDUS_UNSET);
	json_line_known(report, "net_rx_bytes", result->net_rx_bytes, NIDUS_UNSET);
	json_line_known(report, "net_tx_bytes", result->net_tx_bytes, NIDUS_UNSET);
	json_line_known(report, "oom_kills", result->oom_kills, NIDUS_UNSET);
	json_line_known(report, "pids_peak", result->pids_peak, NIDUS_UNSET);
	json_line_known(report, "pids_max_hits", result->pids_max_hits, NIDUS_UNSET);
	json_line_known(report, "zombies_reaped", result->zombies_reaped, NIDUS_UNSET);
	json_line_number(report, "degraded", result->degraded);
	json_line_bool(report, "cleaned", result->cleaned);
	json_line_member(report, "fault", fault_object(&result->fault));
	json_line_member(report, "cleanup", fault_object(&result->cleanup));
	if (json_line_write(fd, report, events_are_shared(fd, spec->stdio), REPORT_TIMEOUT_MS) < 0)
		rc = fault_set(fault, STEP_WATCH, errno, "report");
	json_object_put(report);
	return rc;
}
