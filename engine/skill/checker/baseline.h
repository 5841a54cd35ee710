#pragma once

#include "engine/base/result.h"
#include "engine/skill/finding.h"

#include <QDate>

namespace skillbox {

/// Findings that are known and accepted for a while, so that new ones stand out. A file of the
/// author's, JSON, described by resources/schemas/lint-baseline.schema.json.
class Baseline
{
public:
    static Result<Baseline> parse(QByteArrayView text);
    /// Everything in `findings`, accepted until `expires` (invalid: for ever).
    static Baseline of(const QList<Finding> &findings, const QDate &expires);

    QByteArray toJson() const;
    void add(const Baseline &other) { m_entries += other.m_entries; }

    struct Split {
        QList<Finding> fresh;
        int covered = 0; ///< in the baseline
        int expired = 0; ///< in the baseline until before `today`; they are among `fresh`
    };
    /// Each entry covers one finding.
    Split split(const QList<Finding> &findings, const QDate &today) const;

private:
    struct Entry {
        QString fingerprint;
        QString id;
        QString file;
        QString message;
        QDate expires; ///< the last day; invalid: never
    };
    QList<Entry> m_entries;
};

} // namespace skillbox
