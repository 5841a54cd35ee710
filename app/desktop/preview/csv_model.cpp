#include "app/desktop/preview/csv_model.h"

#include "app/desktop/widgets/controls.h"

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Of parsed fields; a screenful of rows in any order needs a block each.
constexpr int cachedBytes = 24 << 20;
constexpr int columnsFrom = 200; ///< records

QString cellText(const QByteArray &field, qsizetype most)
{
    QString text = QString::fromUtf8(field.first(qMin(field.size(), 4 * most)));
    if (text.size() > most || field.size() > 4 * most)
        text = text.first(qMin(text.size(), most)) + u'…';
    text.replace(u'\0', u'\u2400');
    return text;
}

} // namespace

CsvModel::CsvModel(QObject *parent) : QAbstractTableModel(parent), m_blocks(cachedBytes) { }

void CsvModel::setIndex(std::shared_ptr<const CsvIndex> index, const CsvFormat &format)
{
    beginResetModel();
    m_index = std::move(index);
    m_format = format;
    m_order.reset();
    m_blocks.clear();
    m_rows = 0;
    readColumns();
    endResetModel();
}

void CsvModel::clear()
{
    beginResetModel();
    m_index.reset();
    m_order.reset();
    m_names.clear();
    m_blocks.clear();
    m_rows = 0;
    endResetModel();
}

void CsvModel::readColumns()
{
    const QByteArray first = m_index->file()->read(m_index->start(), 2 * longestCsvRecord);
    CsvCursor cursor(first, m_format.separator,
                     m_index->start() + first.size() >= m_index->file()->size());
    m_names.clear();
    qsizetype columns = 0;
    for (int i = 0; i < columnsFrom; ++i) {
        const auto record = cursor.next();
        if (!record)
            break;
        const QList<QByteArray> cells = csvFields(*record, m_format.separator, mostColumns);
        columns = std::max(columns, cells.size());
        if (i == 0 && m_format.header) {
            for (const QByteArray &cell : cells)
                m_names.append(cellText(cell, 200).simplified());
        }
    }
    while (m_names.size() < columns)
        m_names.append(tr("Column %L1").arg(m_names.size() + 1));
}

void CsvModel::refresh()
{
    if (!m_index || m_order)
        return;
    const auto rows = static_cast<int>(
        std::max<qint64>(0, m_index->records() - (m_format.header ? 1 : 0)));
    if (rows <= m_rows)
        return;
    // The last block may have been parsed before all of it was known.
    m_blocks.clear();
    beginInsertRows({}, m_rows, rows - 1);
    m_rows = rows;
    endInsertRows();
}

void CsvModel::setOrder(std::optional<std::vector<quint32>> order)
{
    if (!order && !m_order)
        return;
    beginResetModel();
    m_order = std::move(order);
    m_rows = m_order ? static_cast<int>(m_order->size())
        : m_index
        ? static_cast<int>(std::max<qint64>(0, m_index->records() - (m_format.header ? 1 : 0)))
        : 0;
    endResetModel();
}

int CsvModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : m_rows;
}

int CsvModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_names.size());
}

qint64 CsvModel::recordOf(int row) const
{
    return m_order ? m_order->at(static_cast<size_t>(row)) : row + (m_format.header ? 1 : 0);
}

const QList<QByteArray> *CsvModel::fields(qint64 record) const
{
    if (!m_index || record >= m_index->records())
        return nullptr;
    const CsvIndex::Place place = m_index->find(record);
    Block *block = m_blocks.object(place.number);
    if (!block) {
        const QByteArray bytes = m_index->file()->read(place.block.offset,
                                                       place.end - place.block.offset);
        auto fresh = std::make_unique<Block>();
        fresh->firstRecord = place.block.firstRecord;
        CsvCursor cursor(bytes, m_format.separator, true);
        qint64 cost = 1024;
        while (const auto next = cursor.next()) {
            fresh->records.append(csvFields(*next, m_format.separator,
                                            std::max(1, static_cast<int>(m_names.size()))));
            cost += next->size() + 40 * fresh->records.last().size();
            // A block that is still being built has no known end.
            if (fresh->records.size() > 2048)
                break;
        }
        block = fresh.release(); // the cache owns it, if it takes it
        if (!m_blocks.insert(place.number, block,
                             static_cast<int>(std::min<qint64>(cost, cachedBytes))))
            return nullptr;
    }
    const qint64 inside = record - block->firstRecord;
    return inside >= 0 && inside < block->records.size() ? &block->records.at(inside) : nullptr;
}

QVariant CsvModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= m_rows)
        return {};
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole && role != WholeRole)
        return {};
    const QList<QByteArray> *cells = fields(recordOf(index.row()));
    if (!cells || index.column() >= cells->size())
        return {};
    const QByteArray &cell = cells->at(index.column());
    if (role == WholeRole)
        return cellText(cell, longestCsvRecord);
    QString text = cellText(cell, role == Qt::ToolTipRole ? 4000 : shownCharacters);
    if (role == Qt::DisplayRole)
        text.replace(u'\n', u'\u23ce');
    return text;
}

QVariant CsvModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole && !(role == Qt::ToolTipRole && orientation == Qt::Horizontal))
        return {};
    if (orientation == Qt::Horizontal) {
        if (section < 0 || section >= m_names.size())
            return {};
        return role == Qt::ToolTipRole ? plainToolTip(m_names.at(section)) : m_names.at(section);
    }
    if (section < 0 || section >= m_rows)
        return {};
    // As in the file, whatever is filtered or sorted; the header is no row.
    return recordOf(section) + (m_format.header ? 0 : 1);
}

} // namespace skillbox
