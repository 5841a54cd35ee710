#pragma once

#include "engine/base/result.h"

#include <QMap>

namespace skillbox {

/// The values of a configuration file by variable name, `SKILLBOX_MAX_QUEUE`; lists are joined with
/// commas. YAML, a mapping of the names that the server knows in any of their spellings; nested
/// mappings join their names, so `tls: {cert: …}` is SKILLBOX_TLS_CERT. BadRequest names each
/// problem with its line, a line each.
Result<QMap<QString, QString>> readConfigFile(const QString &path);

} // namespace skillbox
