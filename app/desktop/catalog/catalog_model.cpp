#include "app/desktop/catalog/catalog_model.h"

#include "app/desktop/widgets/controls.h"
#include "engine/skill/semver.h"

#include <QLocale>

#include <algorithm>
#include <numeric>
#include <optional>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString sourcesText(const CatalogEntry &entry)
{
    QStringList titles;
    for (const SkillPlace &place : entry.places)
        titles.append(CatalogModel::sourceTitle(place.source));
    return titles.join(u", "_s);
}

QDateTime updatedAt(const CatalogEntry &entry)
{
    return entry.main().newest.publishedAt;
}

} // namespace

CatalogModel::CatalogModel(QObject *parent) : QAbstractTableModel(parent) { }

QString CatalogModel::languageTitle(const QString &language)
{
    if (language == "python"_L1)
        return u"Python"_s;
    if (language == "node"_L1)
        return u"Node.js"_s;
    if (language == "bash"_L1)
        return u"Bash"_s;
    return language.isEmpty() ? tr("Instructions") : language;
}

QString CatalogModel::sourceTitle(const QString &source)
{
    return source.isEmpty() ? tr("This machine") : source;
}

QString CatalogModel::statusTitle(const CatalogEntry &entry)
{
    if (entry.conflicting)
        return tr("Conflict");
    if (entry.main().isYanked())
        return tr("Yanked");
    return entry.newerElsewhere ? tr("Newer on a server") : tr("Available");
}

QString CatalogModel::findingsTitle(const CatalogEntry &entry)
{
    switch (entry.findings) {
    case FindingLevel::Clean: return tr("None");
    case FindingLevel::Warnings:
    case FindingLevel::Security:
        return entry.findingCount == 1 ? tr("1 finding")
                                       : tr("%1 findings").arg(entry.findingCount);
    case FindingLevel::Unknown: break;
    }
    return u"–"_s;
}

void CatalogModel::setEntries(const QList<CatalogEntry> &entries)
{
    beginResetModel();
    m_entries = entries;
    m_sieve.setEntries(entries);
    arrange();
    sift();
    endResetModel();
}

void CatalogModel::setFilter(const CatalogFilter &filter)
{
    beginResetModel();
    m_filter = filter;
    sift();
    endResetModel();
}

void CatalogModel::sort(int column, Qt::SortOrder order)
{
    beginResetModel();
    m_column = static_cast<Column>(column);
    m_order = order;
    arrange();
    sift();
    endResetModel();
}

void CatalogModel::arrange()
{
    m_sorted.resize(m_entries.size());
    std::iota(m_sorted.begin(), m_sorted.end(), 0);
    // The entries come by name, and the sort is stable: equal ones stay by name.
    const auto sortBy = [&](auto key) {
        QList<std::invoke_result_t<decltype(key), const CatalogEntry &>> keys;
        keys.reserve(m_entries.size());
        for (const CatalogEntry &entry : std::as_const(m_entries))
            keys.append(key(entry));
        std::stable_sort(m_sorted.begin(), m_sorted.end(), [&](int a, int b) {
            return m_order == Qt::AscendingOrder ? keys[a] < keys[b] : keys[b] < keys[a];
        });
    };
    switch (m_column) {
    case Name:
        if (m_order == Qt::DescendingOrder)
            std::reverse(m_sorted.begin(), m_sorted.end());
        break;
    case Version:
        sortBy([](const CatalogEntry &entry) {
            const auto version = SemVer::parse(entry.main().newest.version).value_or(SemVer());
            return std::tuple(version.major, version.minor, version.patch, !version.isPreRelease());
        });
        break;
    case Language:
        sortBy([](const CatalogEntry &entry) { return entry.main().newest.language; });
        break;
    case Sources: sortBy(&sourcesText); break;
    case Status: sortBy(&CatalogModel::statusTitle); break;
    case Findings:
        sortBy([](const CatalogEntry &entry) {
            return std::pair(static_cast<int>(entry.findings), entry.findingCount);
        });
        break;
    case Runs: sortBy([](const CatalogEntry &entry) { return entry.runs; }); break;
    case Updated:
    case ColumnCount: sortBy(&updatedAt); break;
    }
}

void CatalogModel::sift()
{
    CatalogSieve::Outcome outcome = m_sieve.sift(m_filter, m_sorted);
    m_rows = std::move(outcome.rows);
    m_counts = std::move(outcome.counts);
}

int CatalogModel::rowOf(const QString &name) const
{
    for (int row = 0; row < m_rows.size(); ++row) {
        if (m_entries[m_rows[row]].name == name)
            return row;
    }
    return -1;
}

int CatalogModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int CatalogModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant CatalogModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const CatalogEntry &entry = this->entry(index.row());
    const SkillVersionRecord &newest = entry.main().newest;
    switch (role) {
    case Qt::AccessibleTextRole:
        return index.column() == Name
            ? u"%1 %2, %3, %4, %5. %6"_s.arg(entry.name, newest.version,
                                             languageTitle(newest.language), sourcesText(entry),
                                             statusTitle(entry), newest.description)
            : data(index, Qt::DisplayRole);
    case Qt::ToolTipRole:
        return plainToolTip(index.column() == Name
                                ? u"%1\n%2"_s.arg(entry.name, newest.description.left(600))
                                : data(index, Qt::DisplayRole).toString());
    case Qt::TextAlignmentRole:
        if (index.column() == Runs)
            return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
        return {};
    case Qt::DisplayRole: break;
    default: return {};
    }
    switch (index.column()) {
    case Name: return entry.name;
    case Version: return newest.version;
    case Language: return languageTitle(newest.language);
    case Sources: return sourcesText(entry);
    case Status: return statusTitle(entry);
    case Findings: return findingsTitle(entry);
    case Runs: return QLocale().toString(entry.runs);
    case Updated:
        return QLocale().toString(updatedAt(entry).toLocalTime().date(), QLocale::ShortFormat);
    default: return {};
    }
}

QVariant CatalogModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue((section == Runs ? Qt::AlignRight : Qt::AlignLeft)
                                   | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name: return tr("Skill");
    case Version: return tr("Version");
    case Language: return tr("Language");
    case Sources: return tr("Where");
    case Status: return tr("Status");
    case Findings: return tr("Findings");
    case Runs: return tr("Runs");
    case Updated: return tr("Published");
    default: return {};
    }
}

} // namespace skillbox
