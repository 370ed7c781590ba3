/*
 * Preloaded into babeltrace2 2.0.4, in which an empty string field still shows the value that the recycled field had in an
 * event before: bt_field_string_clear() sets the length to 0 and leaves the bytes. Upstream mended it after 2.0.4
 * (review.lttng.org/c/babeltrace/+/4528); this does the same.
 */

#define _GNU_SOURCE
#include <dlfcn.h>

struct bt_field;
extern const char *bt_field_string_get_value(const struct bt_field *field);

void bt_field_string_clear(struct bt_field *field)
{
	static void (*original)(struct bt_field *);

	if (!original)
		original = (void (*)(struct bt_field *)) dlsym(RTLD_NEXT, "bt_field_string_clear");
	original(field);
	char *value = (char *) bt_field_string_get_value(field);
	if (value)
		value[0] = '\0';
}
