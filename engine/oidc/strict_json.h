#pragma once

#include "engine/base/result.h"

#include <QJsonObject>

namespace skillbox {

/// One JSON object (RFC 8259) of a document that decides who somebody is. Refuses what readers
/// disagree about: members that come twice, at any depth, text that is not UTF-8, and more than 16
/// levels.
Result<QJsonObject> parseStrictObject(QByteArrayView text);

/// Base64url without padding (RFC 7515 appendix C), in its one canonical spelling: no other
/// characters, no bits left over. Nothing: it is something else.
std::optional<QByteArray> fromBase64Url(QByteArrayView text);

} // namespace skillbox
