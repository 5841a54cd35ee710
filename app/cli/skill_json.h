#pragma once

#include "engine/storage/records.h"

#include <QByteArray>

namespace skillbox {

/// `published` or `yanked`.
QString skillStatus(const SkillVersionRecord &record);

/// A bare array of {name, version, description, lang, mode, status, digest, published_at}.
QByteArray skillListJson(const QList<SkillVersionRecord> &records);

/// One version with everything that is known of it.
QByteArray skillJson(const SkillVersionRecord &record);

} // namespace skillbox
