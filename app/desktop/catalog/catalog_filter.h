#pragma once

#include "app/desktop/session/catalog_entry.h"

#include <QMap>
#include <QSet>
#include <QStringList>

#include <array>

namespace skillbox {

/// What skills can be narrowed by, beside words.
enum class Facet { Source, Language, Status, Findings };
inline constexpr std::array facets{Facet::Source, Facet::Language, Facet::Status, Facet::Findings};

/// The values a skill has in a facet. Of Source: names of servers, empty for this machine. Of
/// Language: `python`, `node`, `bash`, empty for instructions only. Of Status: `available`,
/// `yanked`, `newer`, `conflict`. Of Findings: `clean`, `warnings`, `security`, `unknown`.
QStringList facetValues(const CatalogEntry &entry, Facet facet);

/// What is looked for. Empty parts let everything through.
struct CatalogFilter {
    QStringList words;   ///< each in the name or description, lower case
    QSet<QString> found; ///< names that have the words in their other texts
    QMap<Facet, QSet<QString>> chosen;

    bool isEmpty() const { return words.isEmpty() && chosen.isEmpty(); }
};

struct FacetCount {
    QString value;
    int count = 0; ///< of skills that all other parts of the filter let through
};

/// Which entries a filter lets through, fast enough for every key stroke: what does not change with
/// the filter is worked out once, when the entries come.
class CatalogSieve
{
public:
    void setEntries(const QList<CatalogEntry> &entries);
    struct Outcome {
        QList<int> rows; ///< in the order of `order`
        QMap<Facet, QList<FacetCount>> counts;
    };
    /// `order`: indexes of entries.
    Outcome sift(const CatalogFilter &filter, const QList<int> &order) const;

private:
    struct Row {
        QString name;
        QString text; ///< lower case
        std::array<quint64, facets.size()> values{};
    };
    std::array<QStringList, facets.size()> m_values; ///< at most 64 each; a bit each
    QList<Row> m_rows;
};

} // namespace skillbox
