#include "app/desktop/catalog/catalog_filter.h"

#include <QStringMatcher>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype mostValues = 64;

QString statusOf(const CatalogEntry &entry)
{
    return entry.main().isYanked() ? u"yanked"_s : u"available"_s;
}

} // namespace

QStringList facetValues(const CatalogEntry &entry, Facet facet)
{
    switch (facet) {
    case Facet::Source: {
        QStringList sources;
        for (const SkillPlace &place : entry.places)
            sources.append(place.source);
        return sources;
    }
    case Facet::Language: return {entry.main().newest.language};
    case Facet::Status: {
        QStringList values{statusOf(entry)};
        if (entry.newerElsewhere)
            values.append(u"newer"_s);
        if (entry.conflicting)
            values.append(u"conflict"_s);
        return values;
    }
    case Facet::Findings:
        switch (entry.findings) {
        case FindingLevel::Clean: return {u"clean"_s};
        case FindingLevel::Warnings: return {u"warnings"_s};
        case FindingLevel::Security: return {u"security"_s};
        case FindingLevel::Unknown: return {u"unknown"_s};
        }
    }
    return {};
}

void CatalogSieve::setEntries(const QList<CatalogEntry> &entries)
{
    m_values = {};
    m_rows.clear();
    m_rows.reserve(entries.size());
    for (const CatalogEntry &entry : entries) {
        Row row{.name = entry.name,
                .text = (entry.name + u'\n' + entry.main().newest.description).toLower()};
        for (size_t facet = 0; facet < facets.size(); ++facet) {
            QStringList &known = m_values[facet];
            for (const QString &value : facetValues(entry, facets[facet])) {
                qsizetype bit = known.indexOf(value);
                if (bit < 0) {
                    // More servers than that share the last one's place.
                    if (known.size() < mostValues)
                        known.append(value);
                    bit = known.size() - 1;
                }
                row.values[facet] |= quint64(1) << bit;
            }
        }
        m_rows.append(std::move(row));
    }
}

CatalogSieve::Outcome CatalogSieve::sift(const CatalogFilter &filter, const QList<int> &order) const
{
    std::array<quint64, facets.size()> wanted{};
    for (size_t facet = 0; facet < facets.size(); ++facet) {
        const QSet<QString> chosen = filter.chosen.value(facets[facet]);
        for (const QString &value : chosen) {
            if (const qsizetype bit = m_values[facet].indexOf(value); bit >= 0)
                wanted[facet] |= quint64(1) << bit;
        }
        if (!chosen.isEmpty() && wanted[facet] == 0)
            wanted[facet] = ~quint64(0) << (mostValues - 1); // nothing has what was chosen
    }
    QList<QStringMatcher> words;
    for (const QString &word : filter.words)
        words.append(QStringMatcher(word));
    std::array<std::array<int, mostValues>, facets.size()> counts{};

    Outcome outcome;
    outcome.rows.reserve(order.size());
    for (const int index : order) {
        const Row &row = m_rows[index];
        const bool hasWords = std::all_of(words.cbegin(), words.cend(), [&](const auto &word) {
            return word.indexIn(row.text) >= 0;
        });
        if (!hasWords && !filter.found.contains(row.name))
            continue;
        size_t misses = 0;
        size_t missed = 0;
        for (size_t facet = 0; facet < facets.size(); ++facet) {
            if (wanted[facet] != 0 && (wanted[facet] & row.values[facet]) == 0) {
                ++misses;
                missed = facet;
            }
        }
        if (misses == 0)
            outcome.rows.append(index);
        // A value's count is what choosing it would show: its own facet has no say.
        for (size_t facet = 0; facet < facets.size(); ++facet) {
            if (misses > 1 || (misses == 1 && missed != facet))
                continue;
            for (quint64 left = row.values[facet]; left != 0; left &= left - 1)
                ++counts[facet][static_cast<size_t>(qCountTrailingZeroBits(left))];
        }
    }
    for (size_t facet = 0; facet < facets.size(); ++facet) {
        QList<FacetCount> &list = outcome.counts[facets[facet]];
        for (qsizetype bit = 0; bit < m_values[facet].size(); ++bit)
            list.append({m_values[facet][bit], counts[facet][static_cast<size_t>(bit)]});
        std::sort(list.begin(), list.end(),
                  [](const auto &a, const auto &b) { return a.value < b.value; });
    }
    return outcome;
}

} // namespace skillbox
