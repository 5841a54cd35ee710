#include "app/desktop/palette/command_palette.h"

#include "app/desktop/palette/fuzzy_match.h"
#include "app/desktop/palette/palette_delegate.h"

#include <QEvent>
#include <QKeyEvent>
#include <QVBoxLayout>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int paletteWidth = 620;
constexpr int fromTop = 64;
constexpr int listHeight = 360;
constexpr int leastRows = 3;

} // namespace

void PaletteModel::setEntries(QList<PaletteEntry> entries)
{
    m_entries = std::move(entries);
    rank();
}

void PaletteModel::setTyped(const QString &typed)
{
    m_typed = typed;
    rank();
}

void PaletteModel::rank()
{
    beginResetModel();
    m_rows.clear();
    for (int i = 0; i < m_entries.size(); ++i) {
        const PaletteEntry &entry = m_entries.at(i);
        Row row{i, entry.bias, {}};
        if (!m_typed.isEmpty()) {
            if (const auto score = fuzzyMatch(m_typed, entry.title, &row.places)) {
                row.score += *score;
            } else if (fuzzyMatch(m_typed, entry.group + u' ' + entry.title)) {
                row.score += 1; // the group's letters fit too, but the title's come first
            } else {
                continue;
            }
        }
        m_rows.append(std::move(row));
    }
    std::stable_sort(m_rows.begin(), m_rows.end(),
                     [](const Row &a, const Row &b) { return a.score > b.score; });
    if (m_rows.size() > shown)
        m_rows.resize(shown);
    endResetModel();
}

const PaletteEntry *PaletteModel::entryAt(const QModelIndex &index) const
{
    return index.isValid() && index.row() < m_rows.size()
        ? &m_entries.at(m_rows.at(index.row()).entry)
        : nullptr;
}

int PaletteModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant PaletteModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= m_rows.size())
        return {};
    const Row &row = m_rows.at(index.row());
    const PaletteEntry &entry = m_entries.at(row.entry);
    switch (role) {
    case Qt::DisplayRole: return entry.title;
    case Qt::AccessibleTextRole: return u"%1: %2 %3"_s.arg(entry.group, entry.title, entry.note);
    case GroupRole: return entry.group;
    case NoteRole: return entry.note;
    case PlacesRole: return QVariant::fromValue(row.places);
    default: return {};
    }
}

CommandPalette::CommandPalette(QWidget *host)
    : QFrame(host)
    , m_host(host)
    , m_field(new QLineEdit(this))
    , m_list(new QListView(this))
    , m_nothing(new QLabel(tr("Nothing fits these letters."), this))
{
    setProperty("surface", u"overlay"_s);
    setAccessibleName(tr("Command palette"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 8);
    column->setSpacing(8);
    column->addWidget(m_field);
    column->addWidget(m_list);
    column->addWidget(m_nothing);
    m_nothing->setProperty("textRole", u"muted"_s);
    m_nothing->setContentsMargins(12, 8, 12, 8);
    setObjectName(u"palette"_s);
    m_field->setObjectName(u"palette.field"_s);
    m_list->setObjectName(u"palette.list"_s);
    m_field->setPlaceholderText(tr("Type to find an action, a skill or a run"));
    m_field->setAccessibleName(tr("Find an action, a skill or a run"));
    m_field->setClearButtonEnabled(true);
    m_list->setModel(&m_model);
    m_list->setItemDelegate(new PaletteDelegate(m_list));
    m_list->setUniformItemSizes(true);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setMouseTracking(true);
    m_list->setAccessibleName(tr("What fits"));
    m_field->installEventFilter(this);
    host->installEventFilter(this);
    connect(m_field, &QLineEdit::textChanged, this, [this](const QString &typed) {
        m_model.setTyped(typed);
        m_list->setCurrentIndex(m_model.index(0));
        fit();
    });
    connect(m_list, &QListView::clicked, this, [this](const QModelIndex &index) {
        m_list->setCurrentIndex(index);
        accept();
    });
    hide();
}

void CommandPalette::open(QList<PaletteEntry> entries)
{
    m_before = m_host->window()->focusWidget();
    m_field->clear();
    m_model.setEntries(std::move(entries));
    m_model.setTyped({});
    m_list->setCurrentIndex(m_model.index(0));
    fit();
    show();
    raise();
    m_field->setFocus(Qt::ShortcutFocusReason);
}

void CommandPalette::fit()
{
    const int rows = qMax(leastRows, m_model.rowCount());
    const int row = qMax(32, m_list->sizeHintForRow(0));
    m_list->setFixedHeight(qMin(listHeight, rows * row + 2));
    m_nothing->setVisible(m_model.rowCount() == 0);
    m_list->setVisible(m_model.rowCount() > 0);
    layout()->activate();
    resize(qMin(paletteWidth, m_host->width() - 32), sizeHint().height());
    move((m_host->width() - width()) / 2, fromTop);
}

void CommandPalette::applyTheme(const Theme &theme)
{
    static_cast<PaletteDelegate *>(m_list->itemDelegate())->setTheme(theme);
    m_list->viewport()->update();
}

void CommandPalette::dismiss()
{
    hide();
    if (m_before)
        m_before->setFocus(Qt::OtherFocusReason);
}

void CommandPalette::accept()
{
    const PaletteEntry *entry = m_model.entryAt(m_list->currentIndex());
    const PaletteEntry choice = entry ? *entry : PaletteEntry();
    dismiss();
    if (!choice.run)
        return;
    Q_EMIT chosen(nameOf(choice));
    choice.run();
}

bool CommandPalette::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_host && event->type() == QEvent::Resize && isVisible()) {
        fit();
    }
    if (watched == m_field && event->type() == QEvent::FocusOut)
        hide();
    if (watched == m_field && event->type() == QEvent::KeyPress) {
        auto *key = static_cast<QKeyEvent *>(event);
        const int row = m_list->currentIndex().row();
        const int last = m_model.rowCount() - 1;
        const auto select = [this](int to) { m_list->setCurrentIndex(m_model.index(to)); };
        switch (key->key()) {
        case Qt::Key_Escape: dismiss(); return true;
        case Qt::Key_Return:
        case Qt::Key_Enter: accept(); return true;
        case Qt::Key_Down: select(row < last ? row + 1 : 0); return true;
        case Qt::Key_Up: select(row > 0 ? row - 1 : last); return true;
        case Qt::Key_PageDown: select(qMin(row + 10, last)); return true;
        case Qt::Key_PageUp: select(qMax(row - 10, 0)); return true;
        default: break;
        }
    }
    return QFrame::eventFilter(watched, event);
}

} // namespace skillbox
