#include "app/desktop/settings_page/shortcut_settings.h"

#include "app/desktop/settings/settings.h"
#include "app/desktop/widgets/controls.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {

void KeyCapture::keyPressEvent(QKeyEvent *event)
{
    const int key = event->key();
    event->accept();
    if (key == Qt::Key_unknown || key == Qt::Key_Control || key == Qt::Key_Shift
        || key == Qt::Key_Alt || key == Qt::Key_AltGr || key == Qt::Key_Meta)
        return; // more is to come
    Qt::KeyboardModifiers modifiers = event->modifiers() & ~Qt::KeypadModifier;
    // Where Shift made another character of the key, the character has it already: Ctrl++.
    const QString text = event->text();
    if (!text.isEmpty() && text.at(0).isPrint() && !text.at(0).isLetter() && key != Qt::Key_Space)
        modifiers &= ~Qt::ShiftModifier;
    setKeySequence(QKeySequence(QKeyCombination(modifiers, static_cast<Qt::Key>(key))));
}

ShortcutSettings::ShortcutSettings(const Desk &desk, QWidget *parent)
    : QWidget(parent)
    , m_desk(desk)
    , m_model(desk.commands)
    , m_search(new QLineEdit)
    , m_table(new QTableView)
    , m_command(textLabel({}))
    , m_keys(new KeyCapture)
    , m_clear(new QPushButton(tr("Take away")))
    , m_reset(new QPushButton(tr("Put back")))
    , m_conflict(textLabel({}, u"error"_s))
    , m_takeOver(new QPushButton(tr("Use it here instead")))
{
    m_shown.setSourceModel(&m_model);
    m_shown.setFilterRole(ShortcutModel::FilterRole);
    m_shown.setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_search->setObjectName(u"shortcuts.search"_s);
    m_search->setPlaceholderText(tr("Search commands and shortcuts"));
    m_search->setAccessibleName(tr("Search commands and shortcuts"));
    m_search->setClearButtonEnabled(true);
    m_table->setObjectName(u"shortcuts.table"_s);
    m_table->setAccessibleName(tr("Commands and their shortcuts"));
    m_table->setModel(&m_shown);
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(30);
    QHeaderView *header = m_table->horizontalHeader();
    header->setHighlightSections(false);
    header->setSectionResizeMode(ShortcutModel::Title, QHeaderView::Stretch);
    header->resizeSection(ShortcutModel::Keys, 160);
    header->resizeSection(ShortcutModel::Origin, 72);
    m_keys->setObjectName(u"shortcuts.keys"_s);
    m_keys->setAccessibleName(tr("Press the new shortcut"));
    m_keys->setFixedWidth(200);
    m_takeOver->setObjectName(u"shortcuts.takeOver"_s);
    m_reset->setObjectName(u"shortcuts.reset"_s);
    m_clear->setObjectName(u"shortcuts.clear"_s);
    m_conflict->setObjectName(u"shortcuts.conflict"_s);

    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    column->addWidget(m_search);
    column->addWidget(m_table, 1);
    auto *row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_command, 1);
    row->addWidget(m_keys);
    row->addWidget(m_clear);
    row->addWidget(m_reset);
    column->addLayout(row);
    auto *conflict = new QHBoxLayout;
    conflict->addWidget(m_conflict, 1);
    conflict->addWidget(m_takeOver);
    column->addLayout(conflict);

    connect(m_search, &QLineEdit::textChanged, &m_shown,
            &QSortFilterProxyModel::setFilterFixedString);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentChanged, this,
            &ShortcutSettings::showChosen);
    connect(m_table, &QTableView::activated, this,
            [this] { m_keys->setFocus(Qt::OtherFocusReason); });
    connect(m_keys, &QKeySequenceEdit::keySequenceChanged, this, &ShortcutSettings::consider);
    connect(m_clear, &QPushButton::clicked, this, [this] { assign(chosenId(), {}); });
    connect(m_reset, &QPushButton::clicked, this, [this] { reset(chosenId()); });
    connect(m_takeOver, &QPushButton::clicked, this, [this] {
        const QKeySequence keys = m_wanted;
        if (const auto *other = m_desk.commands.conflict(chosenId(), keys))
            assign(QString(other->id), {});
        assign(chosenId(), keys);
    });
    m_table->selectRow(0);
    showChosen();
}

QString ShortcutSettings::chosenId() const
{
    return m_table->currentIndex().data(ShortcutModel::IdRole).toString();
}

void ShortcutSettings::showChosen()
{
    const QAction *action = m_desk.commands.find(chosenId());
    m_command->setText(action ? tr("Shortcut of “%1”:").arg(action->text())
                              : tr("Choose a command to give it a shortcut."));
    const QSignalBlocker quiet(m_keys);
    m_keys->setKeySequence(action ? action->shortcut() : QKeySequence());
    for (QWidget *control : std::initializer_list<QWidget *>{m_keys, m_clear, m_reset})
        control->setEnabled(action);
    m_conflict->clear();
    m_takeOver->hide();
}

void ShortcutSettings::consider(const QKeySequence &keys)
{
    const QString id = chosenId();
    if (id.isEmpty() || keys.isEmpty())
        return;
    m_wanted = keys;
    const CommandRegistry::Command *other = m_desk.commands.conflict(id, keys);
    m_takeOver->setVisible(other);
    if (other) {
        m_conflict->setText(tr("%1 is the shortcut of “%2” already.")
                                .arg(keys.toString(QKeySequence::NativeText), other->action->text()));
        return;
    }
    assign(id, keys);
}

void ShortcutSettings::assign(const QString &id, const QKeySequence &keys)
{
    if (id.isEmpty())
        return;
    m_desk.commands.setShortcut(id, keys);
    m_desk.settings.setShortcut(id, keys.toString(QKeySequence::PortableText));
    showChosen();
}

void ShortcutSettings::reset(const QString &id)
{
    if (id.isEmpty())
        return;
    m_desk.commands.resetShortcut(id);
    m_desk.settings.resetShortcut(id);
    showChosen();
}

} // namespace skillbox
