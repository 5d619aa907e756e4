/*
 * The page's parts, linked into the program one behind another: one document with its style and
 * its script inline. The script's files share one function's scope. The assembler finds them by
 * its include path, which the Makefile and nginx's `config` give it.
 */

#include <stdint.h>

#include "chart_app.h"

#define PART(name) ".incbin \"chart_app/" name "\"\n"

extern const char lookout_chart_app_text[];
extern const uint64_t lookout_chart_app_len;
__asm__(".pushsection .rodata\n"
        ".hidden lookout_chart_app_text\n"
        ".hidden lookout_chart_app_len\n"
        ".global lookout_chart_app_text\n"
        ".global lookout_chart_app_len\n"
        "lookout_chart_app_text:\n"
        /* clang-format off */
        PART("head.html")
        PART("page.css")
        PART("body.html")
        PART("host.js")
        PART("answer.js")
        PART("words.js")
        PART("channels.js")
        PART("series.js")
        PART("axes.js")
        PART("tables.js")
        PART("shapes.js")
        PART("page.js")
        PART("tail.html")
        /* clang-format on */
        ".set lookout_chart_app_size, . - lookout_chart_app_text\n"
        ".balign 8\n"
        "lookout_chart_app_len:\n"
        ".quad lookout_chart_app_size\n"
        ".popsection\n");


lookout_str_t
lookout_chart_app(void)
{
    return (lookout_str_t){ lookout_chart_app_text, (size_t) lookout_chart_app_len };
}
