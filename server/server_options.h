#pragma once

#include <QString>
#include <QStringView>

#include <span>

namespace skillbox {

/// One thing that can be configured. Its name without prefix, `MAX_QUEUE`, is the variable
/// SKILLBOX_MAX_QUEUE, the key `max_queue` of the file and the option `--max-queue`.
struct ServerOption {
    const char *name;
    const char *value;       ///< what comes after it, `ADDRESS[,…]`
    const char *usual;       ///< its default, for people
    const char *description; ///< one sentence without a full stop
};

struct ServerOptionGroup {
    const char *title;
    std::span<const ServerOption> options;
};

/// Everything that the server can be told, in the order of its help.
std::span<const ServerOptionGroup> serverOptions();
/// By any of its spellings: `SKILLBOX_MAX_QUEUE`, `max_queue`, `max-queue`. Null: there is none.
const ServerOption *findServerOption(QStringView name);
/// The known option most like it; empty: nothing is.
QString similarServerOption(QStringView name);

QString variableOf(const ServerOption &option); ///< `SKILLBOX_MAX_QUEUE`
QString flagOf(const ServerOption &option);     ///< `--max-queue`

/// What `skillbox-server --help` prints.
QString serverHelp();

} // namespace skillbox
