/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads JSON strictly: json-c's strict mode, valid UTF-8, one object, bounded in size and
 * depth, and no duplicate keys (json-c would silently keep the last one, so that two
 * readers of one file could see different things).
 */
#ifndef NIDUS_JSON_STRICT_H
#define NIDUS_JSON_STRICT_H

#include <json-c/json.h>
#include <stddef.h>
#include <stdint.h>

#include "../../init/fault.h"

#define JSON_STRICT_DEPTH 16

/*
 * Reads the regular file `path` of at most `max` bytes. Returns the object, to
 * be freed with json_object_put, or NULL with a fault of `step` that names the
 * file and the line.
 */
struct json_object *json_strict_read(const char *path, size_t max, uint32_t step,
				     struct fault *fault);

#endif
