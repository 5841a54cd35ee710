#pragma once

#include "engine/base/result.h"

#include <QByteArray>
#include <QStringList>

namespace skillbox {

/// `text` with the value at the path of members set to `json`, objects made where there are none;
/// members keep their order and numbers their text, lines are laid out anew. Empty text is an empty
/// object. BadRequest for what is no plain JSON object (comments are lost by reading, so they are
/// refused, too) or has something else on the path.
Result<QByteArray> withMember(const QByteArray &text, const QStringList &path,
                              const QByteArray &json);

/// Valid JSON, two spaces a level.
QByteArray prettyJson(const QByteArray &json);

} // namespace skillbox
