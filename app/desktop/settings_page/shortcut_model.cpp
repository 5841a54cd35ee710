#include "app/desktop/settings_page/shortcut_model.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {

ShortcutModel::ShortcutModel(CommandRegistry &commands, QObject *parent)
    : QAbstractTableModel(parent)
    , m_commands(commands)
    , m_rows(rows())
{
    connect(&commands, &CommandRegistry::changed, this, &ShortcutModel::refresh);
}

QList<ShortcutModel::Row> ShortcutModel::rows() const
{
    QList<Row> all;
    for (const CommandRegistry::Command &command : m_commands.commands()) {
        const QKeySequence keys = command.action->shortcut();
        all.append({command.id, command.group + u": "_s + command.action->text(),
                    keys.toString(QKeySequence::NativeText), keys != command.usual});
    }
    std::stable_sort(all.begin(), all.end(), [](const Row &a, const Row &b) {
        return QString::localeAwareCompare(a.title, b.title) < 0;
    });
    return all;
}

void ShortcutModel::refresh()
{
    const QList<Row> now = rows();
    if (now.size() != m_rows.size()) {
        beginResetModel();
        m_rows = now;
        endResetModel();
        return;
    }
    for (int i = 0; i < now.size(); ++i) {
        if (now.at(i) == m_rows.at(i))
            continue;
        m_rows[i] = now.at(i);
        Q_EMIT dataChanged(index(i, 0), index(i, ColumnCount - 1));
    }
}

int ShortcutModel::rowOf(const QString &id) const
{
    for (int i = 0; i < m_rows.size(); ++i) {
        if (m_rows.at(i).id == id)
            return i;
    }
    return -1;
}

int ShortcutModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int ShortcutModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ShortcutModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= m_rows.size())
        return {};
    const Row &row = m_rows.at(index.row());
    switch (role) {
    case IdRole: return row.id;
    case FilterRole: return row.title + u' ' + row.keys;
    case Qt::DisplayRole:
    case Qt::ToolTipRole:
        switch (index.column()) {
        case Title: return row.title;
        case Keys: return row.keys;
        case Origin: return row.own ? tr("yours") : QString();
        default: return {};
        }
    default: return {};
    }
}

QVariant ShortcutModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Title: return tr("Command");
    case Keys: return tr("Shortcut");
    default: return QString();
    }
}

} // namespace skillbox
