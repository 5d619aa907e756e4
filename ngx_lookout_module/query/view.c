/*
 * From an encoding to a SELECT: each channel becomes a column (a bin two), the columns without
 * an aggregate group when there is one anywhere, and view_order.c puts the rows in order.
 * Expressions hold no parameters, so that SQLite finds them again in an index; only filters and
 * sorts bind.
 */

#include <math.h>

#include "run.h"
#include "view_parts.h"

/* Bins: bin number i holds the values from i * step to below (i + 1) * step. A step below 1 is
 * kept as its inverse, which for 0.1, 0.02, 0.005 is whole, so that bounds come out exact. */
typedef struct {
    double size;
    bool inverse;
    double first; /* number of the first and the last bin: the largest value, when it lies */
    double last;  /* on a bound, belongs to the bin below it */
} bins_t;

/* What the compiling goes through. */
typedef struct {
    lookout_arena_t *arena;
    lookout_extract_t *extract;
    lookout_error_t *error;
    lookout_filters_t filters;
    lookout_watch_t *watch;
    lookout_parts_t parts;
} compiler_t;


void
lookout_part_expand(lookout_sql_t *sql, const char *pattern, const lookout_field_t *field)
{
    const char *dollar;

    while ((dollar = strchr(pattern, '$')) != NULL && field != NULL) {
        lookout_buf_add(sql->text, pattern, (size_t) (dollar - pattern));
        lookout_sql_name(sql, field->name);
        pattern = dollar + 1;
    }
    lookout_buf_puts(sql->text, pattern);
}


/* Appends ` FROM ...`: the rows that the extract shows. */
static void
from(const compiler_t *c, lookout_sql_t *sql)
{
    lookout_buf_puts(sql->text, " FROM ");
    lookout_buf_puts(sql->text, lookout_extract_rows(c->extract));
}


bool
lookout_part_groups(const lookout_parts_t *parts, const lookout_part_t *part)
{
    return parts->encoding.grouped && part->channel->aggregate == NULL && !part->follows;
}


/* A pattern expanded, in the arena; {NULL, 0} without memory. */
static lookout_str_t
expanded(lookout_arena_t *arena, const char *pattern, const lookout_field_t *field)
{
    lookout_sql_t sql;

    if (!lookout_sql_init(&sql, arena)) {
        return LOOKOUT_STR_NONE;
    }
    lookout_part_expand(&sql, pattern, field);
    return lookout_buf_text(sql.text);
}


/* --- Bins --- */

/* The smallest of 1, 2, 5 times a power of ten that makes at most max_bins out of the span. */
static double
nice_step(double span, int max_bins)
{
    static const double nice[] = { 1, 2, 5 };
    double wanted = span / max_bins, power;
    size_t i;

    if (!(wanted > 0) || !isfinite(wanted)) {
        return 1;
    }
    power = pow(10, floor(log10(wanted)));
    for (i = 0; i < sizeof(nice) / sizeof(nice[0]); i++) {
        if (nice[i] * power >= wanted * (1 - 1e-9)) {
            return nice[i] * power;
        }
    }
    return 10 * power;
}


static bins_t
make_bins(const lookout_channel_t *channel, double low, double high)
{
    double step = channel->step > 0 ? channel->step : nice_step(high - low, channel->max_bins);
    bins_t bins = { .size = step };

    if (step < 1) {
        bins.inverse = true;
        bins.size = 1 / step;
        if (fabs(bins.size - round(bins.size)) < 1e-6 * bins.size) {
            bins.size = round(bins.size);
        }
    }
    bins.first = floor(bins.inverse ? low * bins.size + 1e-9 : low / bins.size);
    bins.last = ceil(bins.inverse ? high * bins.size - 1e-9 : high / bins.size) - 1;
    if (!(bins.last > bins.first)) {
        bins.last = bins.first;
    }
    return bins;
}


/* The least and the largest value under the view's filters; 0 and 0 without any. */
static lookout_code_e
extent(compiler_t *c, const lookout_field_t *field, double *low, double *high)
{
    lookout_code_e code = LOOKOUT_OK;
    sqlite3 *db = c->extract->db.sql;
    sqlite3_stmt *stmt = NULL;
    lookout_sql_t sql;
    int rc;

    if (!lookout_sql_init(&sql, c->arena)) {
        return lookout_fail_memory(c->error);
    }
    lookout_part_expand(&sql, "SELECT MIN($), MAX($)", field);
    from(c, &sql);
    if (!lookout_filters_where(c->filters, &sql)) {
        return lookout_fail_memory(c->error);
    }
    lookout_watch_set(db, c->watch);
    rc = lookout_sql_prepare(&sql, db, &stmt);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(stmt);
    }
    if (rc == SQLITE_ROW) {
        *low = sqlite3_column_double(stmt, 0);
        *high = sqlite3_column_double(stmt, 1);
    } else {
        code = lookout_run_failed(c->arena, c->extract, rc, c->watch, c->error);
    }
    (void) sqlite3_finalize(stmt);
    lookout_watch_set(db, NULL);
    return code;
}


/* The expression of a bin's lower bound, or with `ahead` 1, of its upper one. */
static lookout_str_t
bin_sql(compiler_t *c, const lookout_channel_t *channel, const bins_t *bins, bool whole,
        int ahead)
{
    lookout_sql_t sql;

    if (!lookout_sql_init(&sql, c->arena)) {
        return LOOKOUT_STR_NONE;
    }
    lookout_buf_puts(sql.text, whole ? "CAST((min(floor(" : "(min(floor(");
    lookout_sql_name(&sql, channel->field->name);
    lookout_buf_putc(sql.text, bins->inverse ? '*' : '/');
    lookout_buf_double(sql.text, bins->size);
    lookout_buf_puts(sql.text, bins->inverse ? "+1e-9)," : "),");
    lookout_buf_double(sql.text, bins->last);
    lookout_buf_printf(sql.text, ")+%d)%c", ahead, bins->inverse ? '/' : '*');
    lookout_buf_double(sql.text, bins->size);
    lookout_buf_puts(sql.text, whole ? " AS INTEGER)" : "");
    return lookout_buf_text(sql.text);
}


/* --- Columns --- */

/* Adds a column, unless it is there already; another one of the same name gets _2, _3, ... */
static bool
add_part(compiler_t *c, const lookout_part_t *part)
{
    lookout_parts_t *parts = &c->parts;
    lookout_part_t *added = &parts->items[parts->n];
    lookout_str_t base = part->column.name;
    unsigned turn = 2;
    size_t i;

    *added = *part;
    if (base.data == NULL || part->sql.data == NULL) {
        return false;
    }
    for (i = 0; i < parts->n; i++) {
        if (lookout_str_eq(parts->items[i].sql, part->sql)) {
            return true;
        }
    }
    for (i = 0; i < parts->n; i++) {
        if (lookout_str_eq(parts->items[i].column.name, added->column.name)) {
            added->column.name =
                lookout_arena_printf(c->arena, "%.*s_%u", LOOKOUT_STR_ARG(base), turn++);
            if (added->column.name.data == NULL) {
                return false;
            }
            i = (size_t) -1; /* compare with all again */
        }
    }
    parts->n++;
    parts->n_groups += lookout_part_groups(parts, added);
    return true;
}


static lookout_code_e
add_bin(compiler_t *c, const lookout_channel_t *channel)
{
    const lookout_field_t *field = channel->field;
    lookout_part_t part = { .channel = channel };
    double low = 0, high = 0;
    lookout_code_e code;
    bins_t bins;
    bool whole;

    code = extent(c, field, &low, &high);
    if (code != LOOKOUT_OK) {
        return code;
    }
    bins = make_bins(channel, low, high);
    whole = field->type == LOOKOUT_INTEGER && !bins.inverse && bins.size == floor(bins.size);
    part.column = (lookout_column_t){
        .name = lookout_arena_printf(c->arena, "bin_%.*s", LOOKOUT_STR_ARG(field->name)),
        .type = whole ? LOOKOUT_INTEGER : LOOKOUT_FLOAT,
        .role = LOOKOUT_DIMENSION,
        .nullable = field->nullable,
    };
    part.sql = bin_sql(c, channel, &bins, whole, 0);
    if (!add_part(c, &part)) {
        return lookout_fail_memory(c->error);
    }
    part.column.name =
        lookout_arena_printf(c->arena, "bin_%.*s_end", LOOKOUT_STR_ARG(field->name));
    part.sql = bin_sql(c, channel, &bins, whole, 1);
    part.follows = true;
    return add_part(c, &part) ? LOOKOUT_OK : lookout_fail_memory(c->error);
}


static void
aggregate_column(const lookout_channel_t *channel, bool grouping, lookout_column_t *column)
{
    const lookout_field_t *field = channel->field;

    column->role = LOOKOUT_MEASURE;
    if (channel->aggregate->gives == LOOKOUT_GIVES_COUNT || field == NULL) {
        column->type = LOOKOUT_INTEGER;
        column->nullable = false;
        return;
    }

    /* A group has a row, but a field that may be null may be so in all of them. */
    column->nullable = field->nullable || !grouping;
    switch (channel->aggregate->gives) {
    case LOOKOUT_GIVES_SUM:
        column->type = field->type == LOOKOUT_FLOAT ? LOOKOUT_FLOAT : LOOKOUT_INTEGER;
        break;
    case LOOKOUT_GIVES_FLOAT:
        column->type = LOOKOUT_FLOAT;
        break;
    case LOOKOUT_GIVES_SPREAD:
        column->type = LOOKOUT_FLOAT;
        column->nullable = true;
        break;
    default:
        column->type = field->type;
        if (field->type != LOOKOUT_INTEGER && field->type != LOOKOUT_FLOAT) {
            column->role = field->role;
        }
    }
}


/* The expression of a channel that is no bin. */
static lookout_str_t
channel_sql(lookout_arena_t *arena, const lookout_channel_t *channel)
{
    const char *pattern = channel->aggregate != NULL ? channel->aggregate->sql
                          : channel->unit != NULL    ? channel->unit->sql
                                                     : "$";

    return expanded(arena, pattern, channel->field);
}


static lookout_code_e
add_column(compiler_t *c, const lookout_channel_t *channel, bool grouping)
{
    const lookout_field_t *field = channel->field;
    lookout_part_t part = { .channel = channel, .sql = channel_sql(c->arena, channel) };
    const char *prefix = channel->aggregate != NULL ? channel->aggregate->name
                         : channel->unit != NULL    ? channel->unit->name
                                                    : NULL;

    if (field == NULL) {
        part.column.name = lookout_str(prefix);
    } else if (prefix == NULL) {
        part.column =
            (lookout_column_t){ field->name, field->type, field->role, field->nullable };
    } else {
        part.column.name =
            lookout_arena_printf(c->arena, "%s_%.*s", prefix, LOOKOUT_STR_ARG(field->name));
    }
    if (channel->aggregate != NULL) {
        aggregate_column(channel, grouping, &part.column);
    } else if (channel->unit != NULL && field != NULL) {
        part.column.type = channel->unit->gives;
        part.column.role =
            channel->unit->gives == LOOKOUT_INTEGER ? LOOKOUT_DIMENSION : LOOKOUT_TIME;
        part.column.nullable = field->nullable;
    }
    return add_part(c, &part) ? LOOKOUT_OK : lookout_fail_memory(c->error);
}


static bool
any_grouping(const lookout_encoding_t *encoding)
{
    size_t i;

    for (i = 0; i < encoding->n; i++) {
        if (encoding->items[i].aggregate == NULL) {
            return true;
        }
    }
    return false;
}


static lookout_code_e
make_parts(compiler_t *c)
{
    const lookout_encoding_t *encoding = &c->parts.encoding;
    bool grouping = any_grouping(encoding);
    lookout_code_e code;
    size_t i;

    /* A bin makes two columns, and add_part tries in the one behind the last. */
    c->parts.items =
        lookout_arena_alloc(c->arena, (2 * encoding->n + 1) * sizeof(*c->parts.items));
    if (c->parts.items == NULL) {
        return lookout_fail_memory(c->error);
    }
    for (i = 0; i < encoding->n; i++) {
        code = encoding->items[i].binned ? add_bin(c, &encoding->items[i])
                                         : add_column(c, &encoding->items[i], grouping);
        if (code != LOOKOUT_OK) {
            return code;
        }
    }
    return LOOKOUT_OK;
}


/* --- The statement --- */

static void
select_list(const lookout_parts_t *parts, lookout_sql_t *sql)
{
    size_t i;

    for (i = 0; i < parts->n; i++) {
        lookout_buf_puts(sql->text, i == 0 ? "SELECT " : ", ");
        lookout_buf_str(sql->text, parts->items[i].sql);
        lookout_buf_puts(sql->text, " AS ");
        lookout_sql_name(sql, parts->items[i].column.name);
    }
}


/* Groups by the columns' numbers. */
static void
group_by(const lookout_parts_t *parts, lookout_sql_t *sql)
{
    const char *between = " GROUP BY ";
    size_t i;

    for (i = 0; i < parts->n; i++) {
        if (lookout_part_groups(parts, &parts->items[i])) {
            lookout_buf_printf(sql->text, "%s%zu", between, i + 1);
            between = ",";
        }
    }
}


static bool
give_columns(compiler_t *c, lookout_columns_t *columns)
{
    size_t i;

    columns->n = c->parts.n;
    columns->items = lookout_arena_alloc(c->arena, columns->n * sizeof(*columns->items));
    for (i = 0; columns->items != NULL && i < columns->n; i++) {
        columns->items[i] = c->parts.items[i].column;
    }
    return columns->items != NULL;
}


lookout_code_e
lookout_view_compile(lookout_arena_t *arena, lookout_extract_t *extract, const cJSON *encoding,
                     lookout_filters_t filters, lookout_watch_t *watch, lookout_sql_t *sql,
                     lookout_columns_t *columns, lookout_error_t *error)
{
    compiler_t c = {
        .arena = arena,
        .extract = extract,
        .error = error,
        .filters = filters,
        .watch = watch,
    };
    lookout_code_e code;

    code = lookout_encoding_read(arena, encoding, extract->fields, &c.parts.encoding, error);
    if (code == LOOKOUT_OK) {
        code = make_parts(&c);
    }
    if (code != LOOKOUT_OK) {
        return code;
    }
    if (!lookout_sql_init(sql, arena) || !give_columns(&c, columns)) {
        return lookout_fail_memory(error);
    }
    select_list(&c.parts, sql);
    from(&c, sql);
    if (!lookout_filters_where(filters, sql)) {
        return lookout_fail_memory(error);
    }
    group_by(&c.parts, sql);
    code = lookout_view_order(arena, &c.parts, extract->fields, sql, error);
    return code == LOOKOUT_OK && sql->text->failed ? lookout_fail_memory(error) : code;
}


/* --- The index --- */

/* Appends an expression to the list, unless it is there. */
static void
add_to_list(lookout_buf_t *b, lookout_str_t *seen, size_t *n, lookout_str_t sql)
{
    size_t i;

    for (i = 0; i < *n; i++) {
        if (lookout_str_eq(seen[i], sql)) {
            return;
        }
    }
    lookout_buf_puts(b, *n == 0 ? "" : ", ");
    lookout_buf_str(b, sql);
    seen[(*n)++] = sql;
    b->failed = b->failed || sql.data == NULL;
}


lookout_str_t
lookout_view_index(lookout_arena_t *arena, const cJSON *tree, lookout_fields_t fields)
{
    lookout_encoding_t encoding;
    const lookout_channel_t *channel;
    lookout_error_t error;
    lookout_str_t *seen;
    lookout_sql_t sql;
    size_t i, n = 0;

    if (lookout_encoding_read(arena, tree, fields, &encoding, &error) != LOOKOUT_OK
        || !encoding.grouped || !any_grouping(&encoding) || !lookout_sql_init(&sql, arena)) {
        return LOOKOUT_STR_NONE;
    }
    seen = lookout_arena_alloc(arena, 2 * encoding.n * sizeof(*seen));
    if (seen == NULL) {
        return LOOKOUT_STR_NONE;
    }
    for (i = 0; i < encoding.n; i++) {
        channel = &encoding.items[i];
        if (channel->binned) {
            return LOOKOUT_STR_NONE;
        }
        if (channel->aggregate == NULL) {
            add_to_list(sql.text, seen, &n, channel_sql(arena, channel));
        }
    }
    for (i = 0; i < encoding.n; i++) {
        channel = &encoding.items[i];
        if (channel->field != NULL) {
            add_to_list(sql.text, seen, &n, expanded(arena, "$", channel->field));
        }
    }
    return lookout_buf_text(sql.text);
}
