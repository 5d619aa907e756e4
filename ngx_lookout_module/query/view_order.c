/*
 * The order of a view's rows. It is always total, so that pages fit together: grouped rows end
 * with all grouping columns, source rows with the rowid.
 */

#include "view_parts.h"

/* What the ordering goes through. */
typedef struct {
    lookout_arena_t *arena;
    const lookout_parts_t *parts;
    lookout_fields_t fields;
    lookout_sql_t *sql;
    lookout_error_t *error;
    size_t terms;
} order_t;


/* Begins a term. */
static void
next_term(order_t *o)
{
    lookout_buf_puts(o->sql->text, o->terms++ == 0 ? " ORDER BY " : ", ");
}


/* Ends a term: nulls come last either way, which without words is so for DESC only. */
static void
end_term(order_t *o, bool descending, bool nullable)
{
    lookout_buf_puts(o->sql->text, descending ? " DESC" : nullable ? " ASC NULLS LAST" : "");
}


/* Writes what an aggregate of the group comes to over the channel's value: when other columns
 * group too, that value has several rows, which are to stay together. */
static void
over_value(order_t *o, const lookout_part_t *part, const char *combine, lookout_str_t sql)
{
    bool several = o->parts->n_groups > 1;

    if (several) {
        lookout_buf_printf(o->sql->text, "%s(", combine);
    }
    lookout_buf_str(o->sql->text, sql);
    if (several) {
        lookout_buf_puts(o->sql->text, ") OVER (PARTITION BY ");
        lookout_buf_str(o->sql->text, part->sql);
        lookout_buf_putc(o->sql->text, ')');
    }
}


static void
by_itself(order_t *o, const lookout_part_t *part, bool descending)
{
    next_term(o);
    lookout_buf_str(o->sql->text, part->sql);
    end_term(o, descending, part->column.nullable);
}


/* In the order of the array, with all other values behind. */
static lookout_code_e
by_list(order_t *o, const lookout_part_t *part, const cJSON *list)
{
    const cJSON *item;
    bool bound;
    int i = 0;

    next_term(o);
    lookout_buf_puts(o->sql->text, "CASE ");
    lookout_buf_str(o->sql->text, part->sql);
    cJSON_ArrayForEach(item, list)
    {
        lookout_buf_puts(o->sql->text, " WHEN ");
        if (cJSON_IsString(item)) {
            bound = lookout_sql_bind_text(o->sql, lookout_str(item->valuestring));
        } else if (cJSON_IsNumber(item)) {
            bound = lookout_sql_bind_double(o->sql, item->valuedouble);
        } else if (cJSON_IsBool(item)) {
            bound = lookout_sql_bind_int(o->sql, cJSON_IsTrue(item));
        } else {
            return lookout_encoding_bad(o->arena, o->error, part->channel->name,
                                        "sort lists strings, numbers and booleans, not %s",
                                        lookout_json_kind(item));
        }
        if (!bound) {
            return lookout_fail_memory(o->error);
        }
        lookout_buf_printf(o->sql->text, " THEN %d", i++);
    }
    if (i == 0) {
        return lookout_encoding_bad(o->arena, o->error, part->channel->name,
                                    "sort is an empty array");
    }
    lookout_buf_printf(o->sql->text, " ELSE %d END", i);
    return LOOKOUT_OK;
}


/* By another channel's column. */
static lookout_code_e
by_channel(order_t *o, const lookout_part_t *part, const char *name, bool descending)
{
    const lookout_channel_t *channel =
        lookout_encoding_channel(&o->parts->encoding, name, strlen(name));
    const lookout_part_t *other = o->parts->items, *end = other + o->parts->n;

    while (channel != NULL && other < end && other->channel != channel) {
        /* The column may come from an earlier channel that says the same. */
        if (other->channel->field == channel->field
            && other->channel->aggregate == channel->aggregate
            && other->channel->unit == channel->unit
            && other->channel->binned == channel->binned) {
            break;
        }
        other++;
    }
    if (channel == NULL || other == end) {
        return lookout_encoding_bad(o->arena, o->error, part->channel->name,
                                    "sort names \"%.64s\", which is neither a direction nor a "
                                    "channel of this view",
                                    name);
    }
    if (channel->aggregate == NULL) {
        by_itself(o, other, descending);
        return LOOKOUT_OK;
    }
    next_term(o);
    over_value(o, part, channel->aggregate->combine, other->sql);
    end_term(o, descending, true);
    return LOOKOUT_OK;
}


/* By a field that need not be shown: {"field", "op", "order"}. */
static lookout_code_e
by_field(order_t *o, const lookout_part_t *part, const cJSON *sort, bool descending)
{
    const cJSON *name = lookout_json_get(sort, "field"), *op = lookout_json_get(sort, "op");
    const lookout_aggregate_t *aggregate = NULL;
    const lookout_field_t *field = NULL;
    lookout_sql_t value;

    if (cJSON_IsString(name)) {
        field = lookout_fields_find(o->fields, lookout_str(name->valuestring));
    }
    if (op == NULL) {
        op = lookout_json_get(sort, "aggregate");
    }
    if (cJSON_IsString(op)) {
        aggregate = lookout_aggregate_find(op->valuestring);
    } else if (op == NULL) {
        aggregate = lookout_aggregate_find(
            field != NULL && (field->type == LOOKOUT_INTEGER || field->type == LOOKOUT_FLOAT)
                ? "sum"
                : "min");
    }
    if (aggregate == NULL
        || (field == NULL
            && (!o->parts->encoding.grouped || strchr(aggregate->sql, '$') != NULL))
        || !lookout_aggregate_fits(aggregate, field)) {
        return lookout_encoding_bad(o->arena, o->error, part->channel->name,
                                    "sort needs a field, and an op that fits it");
    }
    if (!lookout_sql_init(&value, o->arena)) {
        return lookout_fail_memory(o->error);
    }
    lookout_part_expand(&value, o->parts->encoding.grouped ? aggregate->sql : "$", field);
    next_term(o);
    if (o->parts->encoding.grouped) {
        over_value(o, part, aggregate->combine, lookout_buf_text(value.text));
    } else {
        lookout_buf_str(o->sql->text, lookout_buf_text(value.text));
    }
    end_term(o, descending, true);
    return LOOKOUT_OK;
}


/* {"encoding": "y"} or {"field": ..}, with "order"; {"order"} alone is a direction. */
static lookout_code_e
by_object(order_t *o, const lookout_part_t *part, const cJSON *sort)
{
    const cJSON *order = lookout_json_get(sort, "order");
    const cJSON *channel = lookout_json_get(sort, "encoding");
    bool descending = cJSON_IsString(order) && strcmp(order->valuestring, "descending") == 0;

    if (cJSON_IsString(channel)) {
        return by_channel(o, part, channel->valuestring, descending);
    }
    if (lookout_json_get(sort, "field") == NULL && lookout_json_get(sort, "op") == NULL) {
        by_itself(o, part, descending);
        return LOOKOUT_OK;
    }
    return by_field(o, part, sort, descending);
}


/* The terms that a channel's sort asks for. */
static lookout_code_e
by_sort(order_t *o, const lookout_part_t *part)
{
    const cJSON *sort = part->channel->sort;
    const char *text;

    if (cJSON_IsNull(sort)) {
        if (o->parts->encoding.grouped) {
            next_term(o);
            over_value(o, part, "MIN", LOOKOUT_STR("MIN(rowid)"));
        }
        return LOOKOUT_OK;
    }
    if (cJSON_IsArray(sort)) {
        return by_list(o, part, sort);
    }
    if (cJSON_IsObject(sort)) {
        return by_object(o, part, sort);
    }
    if (!cJSON_IsString(sort)) {
        return lookout_encoding_bad(o->arena, o->error, part->channel->name,
                                    "sort cannot be %s", lookout_json_kind(sort));
    }
    text = sort->valuestring;
    if (strcmp(text, "ascending") == 0 || strcmp(text, "descending") == 0) {
        by_itself(o, part, text[0] == 'd');
        return LOOKOUT_OK;
    }
    return by_channel(o, part, text[0] == '-' ? text + 1 : text, text[0] == '-');
}


/* Is the column sorted by itself, so that it needs no second term to break ties? */
static bool
sorted_by_itself(const lookout_channel_t *channel)
{
    return channel->sort != NULL && cJSON_IsString(channel->sort)
           && (strcmp(channel->sort->valuestring, "ascending") == 0
               || strcmp(channel->sort->valuestring, "descending") == 0);
}


lookout_code_e
lookout_view_order(lookout_arena_t *arena, const lookout_parts_t *parts,
                   lookout_fields_t fields, lookout_sql_t *sql, lookout_error_t *error)
{
    order_t o = {
        .arena = arena, .parts = parts, .fields = fields, .sql = sql, .error = error
    };
    const lookout_part_t *part;
    lookout_code_e code;
    size_t i;

    for (i = 0; i < parts->n; i++) {
        part = &parts->items[i];
        if (part->follows || (parts->encoding.grouped && !lookout_part_groups(parts, part))) {
            continue; /* the sort of a measure turns its axis around, not the rows */
        }
        if (part->channel->sort != NULL) {
            code = by_sort(&o, part);
            if (code != LOOKOUT_OK) {
                return code;
            }
        }
        if (parts->encoding.grouped && !sorted_by_itself(part->channel)) {
            by_itself(&o, part, false);
        }
    }
    if (!parts->encoding.grouped) {
        next_term(&o);
        lookout_buf_puts(sql->text, "rowid");
    }
    return LOOKOUT_OK;
}
