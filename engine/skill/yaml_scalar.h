#pragma once

#include <QByteArrayView>
#include <QString>

#include <string_view>

namespace skillbox {

/// Where the scalar that begins at `start` ends in the source; parsers only tell where it begins.
/// `value` is its decoded text, `keyColumn` the column of the key it belongs to (-1: none). -1 for
/// a quoted one that is never closed.
qsizetype yamlScalarEnd(QByteArrayView header, qsizetype start, std::string_view value,
                        qsizetype keyColumn);

enum class YamlStyle { Plain, SingleQuoted, DoubleQuoted };

/// `value` as a YAML scalar on one line, in the style if it can be written so, else in double
/// quotes. Plain text that some reader would take for a number, a date, a truth value or null is
/// quoted too.
QByteArray yamlScalar(const QString &value, YamlStyle style);

} // namespace skillbox
