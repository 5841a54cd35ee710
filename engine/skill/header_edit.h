#pragma once

#include "engine/base/result.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QStringList>

#include <optional>

namespace skillbox {

/// The text of a SKILL.md with one field of its header set to a scalar, or taken out (nullopt; then
/// a mapping that is left without fields goes too). `path` is a top-level key, or a key and one
/// below it: {"metadata", "skillbox.timeout"}. Every other byte stays: comments, order, quotes,
/// line ends, unknown keys; the result is read again to make sure. BadRequest: no such path can be
/// written; InvalidSkill: the header has errors, or writes the field in a way that cannot be
/// replaced (a list, a mapping, `{}` on one line).
Result<QByteArray> withHeaderField(QByteArrayView text, const QStringList &path,
                                   const std::optional<QString> &value);

} // namespace skillbox
