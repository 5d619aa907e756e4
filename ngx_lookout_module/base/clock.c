/*
 * Time. Dates are counted in days of the Gregorian calendar, carried back to year 0. Years are
 * taken to begin in March, so that the leap day is the last of its year and the months' lengths
 * up to any month are one linear formula.
 */

#include <time.h>

#include "clock.h"

#define DAY 86400
#define DAYS_PER_400_YEARS 146097
#define DAYS_TO_1970 719468 /* from 1 March of year 0 */

#define SECONDS_MIN (-62167219200LL) /* 0000-01-01T00:00:00Z */
#define SECONDS_MAX 253402300799LL   /* 9999-12-31T23:59:59Z */


int64_t
lookout_now(void)
{
    return (int64_t) time(NULL);
}


uint64_t
lookout_monotonic_ns(void)
{
    struct timespec now;

    (void) clock_gettime(CLOCK_MONOTONIC, &now); /* fails only for clocks that do not exist */
    return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}


/* Writes n in `width` decimal digits. */
static char *
put_digits(char *p, unsigned n, int width)
{
    for (int i = width - 1; i >= 0; i--) {
        p[i] = (char) ('0' + n % 10);
        n /= 10;
    }
    return p + width;
}


/* Days since 1970-01-01, not before 0000-01-01, to a calendar day. */
static void
day_to_date(int64_t day, unsigned *year, unsigned *month, unsigned *mday)
{
    /* An era of 400 years more, because January and February of year 0 lie before its March. */
    uint64_t days = (uint64_t) (day + DAYS_TO_1970 + DAYS_PER_400_YEARS);
    unsigned era = (unsigned) (days / DAYS_PER_400_YEARS);
    unsigned rest = (unsigned) (days % DAYS_PER_400_YEARS);
    unsigned of_era = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
    unsigned from_march = rest - (365 * of_era + of_era / 4 - of_era / 100);
    unsigned m = (5 * from_march + 2) / 153; /* 0: March */

    *mday = from_march - (153 * m + 2) / 5 + 1;
    *month = m < 10 ? m + 3 : m - 9;
    *year = era * 400 + of_era + (*month <= 2) - 400;
}


static int64_t
date_to_day(unsigned year, unsigned month, unsigned mday)
{
    unsigned y = year + 400 - (month <= 2);
    unsigned m = month > 2 ? month - 3 : month + 9; /* 0: March */
    unsigned of_era = y % 400;
    unsigned days = 365 * of_era + of_era / 4 - of_era / 100 + (153 * m + 2) / 5 + mday - 1;

    return (int64_t) (y / 400) * DAYS_PER_400_YEARS + days - DAYS_PER_400_YEARS - DAYS_TO_1970;
}


void
lookout_iso8601(char out[LOOKOUT_ISO8601_SIZE], int64_t seconds)
{
    unsigned year, month, mday, of_day;
    int64_t day;
    char *p = out;

    if (seconds < SECONDS_MIN) {
        seconds = SECONDS_MIN;
    } else if (seconds > SECONDS_MAX) {
        seconds = SECONDS_MAX;
    }
    day = seconds / DAY;
    if (seconds % DAY < 0) {
        day--;
    }
    of_day = (unsigned) (seconds - day * DAY);
    day_to_date(day, &year, &month, &mday);

    p = put_digits(p, year, 4);
    *p++ = '-';
    p = put_digits(p, month, 2);
    *p++ = '-';
    p = put_digits(p, mday, 2);
    *p++ = 'T';
    p = put_digits(p, of_day / 3600, 2);
    *p++ = ':';
    p = put_digits(p, of_day / 60 % 60, 2);
    *p++ = ':';
    p = put_digits(p, of_day % 60, 2);
    *p++ = 'Z';
    *p = '\0';
}


/* Takes `width` digits off the front of s, and the character `after` behind them unless it is
 * NUL. False when they are not there. */
static bool
take(lookout_str_t *s, size_t width, char after, unsigned *n)
{
    size_t len = width + (after != '\0');

    if (s->len < len || (after != '\0' && s->data[width] != after)) {
        return false;
    }
    *n = 0;
    for (size_t i = 0; i < width; i++) {
        if (s->data[i] < '0' || s->data[i] > '9') {
            return false;
        }
        *n = *n * 10 + (unsigned) (s->data[i] - '0');
    }
    s->data += len;
    s->len -= len;
    return true;
}


/* Takes YYYY-MM-DD, a day that exists, off the front of s. */
static bool
take_date(lookout_str_t *s, int64_t *day)
{
    static const unsigned lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    unsigned year, month, mday, length;

    if (!take(s, 4, '-', &year) || !take(s, 2, '-', &month) || !take(s, 2, '\0', &mday)
        || month < 1 || month > 12) {
        return false;
    }
    length = lengths[month - 1];
    if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) {
        length = 29;
    }
    *day = date_to_day(year, month, mday);
    return mday >= 1 && mday <= length;
}


/* Takes Z or an offset (+02:00) off the front of s: the seconds that local time is ahead. */
static bool
take_zone(lookout_str_t *s, int64_t *ahead)
{
    unsigned hours, minutes, offset;
    char sign;

    if (s->len == 0) {
        return false;
    }
    sign = *s->data++;
    s->len--;
    *ahead = 0;
    if (sign == 'Z') {
        return true;
    }
    if ((sign != '+' && sign != '-') || !take(s, 2, ':', &hours) || !take(s, 2, '\0', &minutes)
        || hours > 23 || minutes > 59) {
        return false;
    }
    offset = hours * 3600 + minutes * 60;
    *ahead = sign == '+' ? (int64_t) offset : -(int64_t) offset;
    return true;
}


bool
lookout_iso8601_parse(lookout_str_t s, int64_t *seconds)
{
    unsigned hour, minute, second, digit, of_day;
    int64_t day, ahead;

    if (!take_date(&s, &day)) {
        return false;
    }
    if (s.len == 0) {
        *seconds = day * DAY;
        return true;
    }
    if (*s.data != 'T') {
        return false;
    }
    s.data++;
    s.len--;
    if (!take(&s, 2, ':', &hour) || !take(&s, 2, ':', &minute) || !take(&s, 2, '\0', &second)
        || hour > 23 || minute > 59 || second > 59) {
        return false;
    }
    if (s.len != 0 && *s.data == '.') {
        s.data++;
        s.len--;
        if (!take(&s, 1, '\0', &digit)) {
            return false;
        }
        while (take(&s, 1, '\0', &digit)) {
            /* the fraction is ignored */
        }
    }
    if (!take_zone(&s, &ahead) || s.len != 0) {
        return false;
    }
    of_day = hour * 3600 + minute * 60 + second;
    *seconds = day * DAY + of_day - ahead;
    return true;
}


bool
lookout_date_valid(lookout_str_t s)
{
    int64_t day;

    return take_date(&s, &day) && s.len == 0;
}
