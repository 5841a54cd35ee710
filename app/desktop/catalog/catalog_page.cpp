#include "app/desktop/catalog/catalog_page.h"

#include "app/desktop/session/desktop_session.h"
#include "app/desktop/shell/command_registry.h"
#include "app/desktop/shell/notifications.h"

#include <QDragEnterEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QMimeData>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// Long enough that a fast typist asks once per word, short enough to feel immediate.
constexpr auto searchDelay = 80ms;

} // namespace

CatalogPage::CatalogPage(const Desk &desk)
    : m_desk(desk)
    , m_search(new QLineEdit)
    , m_list(new QListView)
    , m_splitter(new QSplitter)
    , m_view(new SkillView(desk))
    , m_delegate(new CatalogDelegate(m_list))
{
    setAcceptDrops(true);
    m_search->setPlaceholderText(tr("Search skills"));
    m_search->setAccessibleName(tr("Search skills"));
    m_search->setClearButtonEnabled(true);
    m_list->setModel(&m_model);
    m_list->setItemDelegate(m_delegate);
    m_list->setUniformItemSizes(true);
    m_list->setMouseTracking(true);
    m_list->setAccessibleName(tr("Skills"));
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_state = new StateView(m_list);

    auto *left = new QWidget;
    auto *column = new QVBoxLayout(left);
    column->setContentsMargins(0, 12, 0, 0);
    column->setSpacing(8);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(12, 0, 12, 0);
    auto *add = new QPushButton(tr("Import …"));
    add->setToolTip(tr("Publish a skill folder or zip to this machine's catalog"));
    head->addWidget(m_search, 1);
    head->addWidget(add);
    column->addLayout(head);
    column->addWidget(m_state, 1);
    m_splitter->addWidget(left);
    m_splitter->addWidget(m_view);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({380, 820});
    m_splitter->setChildrenCollapsible(false);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_splitter);

    m_searchDelay.setSingleShot(true);
    m_searchDelay.setInterval(searchDelay);
    connect(m_search, &QLineEdit::textChanged, &m_searchDelay, qOverload<>(&QTimer::start));
    connect(&m_searchDelay, &QTimer::timeout, this, &CatalogPage::reload);
    connect(add, &QPushButton::clicked, this, &CatalogPage::chooseImport);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this,
            [this](const QModelIndex &index) {
                if (!index.isValid())
                    return;
                const SkillVersionRecord &skill = m_model.skill(index.row());
                m_wanted = skill.name;
                m_view->show(skill.name, skill.version);
            });
    connect(&desk.session.skills(), &SkillCatalog::changed, this, &CatalogPage::reload);
    connect(&desk.session.engine(), &EngineThread::stateChanged, this, &CatalogPage::reload);
    addAction(desk.commands.add(u"catalog.import"_s, tr("Catalog"), tr("Import a skill …"),
                                QKeySequence(u"Ctrl+I"_s), [this] { chooseImport(); }));
    addAction(desk.commands.add(u"catalog.search"_s, tr("Catalog"), tr("Search skills"),
                                QKeySequence(u"Ctrl+L"_s), [this] {
                                    m_search->setFocus();
                                    m_search->selectAll();
                                }));
    m_state->showLoading(tr("Opening the store …"));
}

void CatalogPage::activate()
{
    (m_model.rowCount() > 0 ? static_cast<QWidget *>(m_list) : m_search)->setFocus();
}

void CatalogPage::reload()
{
    const EngineThread &engine = m_desk.session.engine();
    if (engine.state() == EngineThread::State::Failed) {
        m_state->showMessage(u"error"_s, tr("The store cannot be opened"), engine.error().message,
                             tr("Try again"), [this] {
                                 EngineThread &again = m_desk.session.engine();
                                 again.open(EngineConfig(again.config()));
                             });
        return;
    }
    const int question = ++m_question;
    m_desk.session.skills().list(
        this, m_search->text(), [this, question](const Result<QList<SkillVersionRecord>> &skills) {
            if (question == m_question)
                showSkills(skills);
        });
}

void CatalogPage::showSkills(const Result<QList<SkillVersionRecord>> &skills)
{
    if (!skills) {
        m_state->showMessage(u"error"_s, tr("The skills cannot be listed"),
                             skills.error().message, tr("Try again"), [this] { reload(); });
        return;
    }
    m_loaded = true;
    const QString wanted = m_wanted;
    m_model.setSkills(*skills);
    if (skills->isEmpty()) {
        m_view->showNothing();
        if (m_search->text().isEmpty()) {
            m_state->showMessage(
                u"skill"_s, tr("No skills yet"),
                tr("Drop a skill folder or a zip here, or import one. Agents on this machine find it then."),
                tr("Import …"), [this] { chooseImport(); });
        } else {
            m_state->showMessage(u"search"_s, tr("Nothing found"),
                                 tr("No skill has “%1” in its name, description or instructions.")
                                     .arg(m_search->text()),
                                 tr("Clear the search"), [this] { m_search->clear(); });
        }
        return;
    }
    m_state->showContent();
    const int row = qMax(0, m_model.rowOf(wanted));
    m_list->setCurrentIndex(m_model.index(row));
}

void CatalogPage::select(const QString &name)
{
    m_wanted = name;
    const int row = m_model.rowOf(name);
    if (row >= 0)
        m_list->setCurrentIndex(m_model.index(row));
    else
        m_search->clear();
}

void CatalogPage::import(const QString &path)
{
    m_desk.session.skills().publish(this, path, [this, path](const Result<Published> &published) {
        if (!published) {
            m_desk.notifications.post({.kind = NoticeKind::Error,
                                       .title = tr("Not imported"),
                                       .text = published.error().message});
            return;
        }
        m_wanted = published->record.name;
        const QString what = u"%1 %2"_s.arg(published->record.name, published->record.version);
        m_desk.notifications.post(
            {.kind = published->created ? NoticeKind::Success : NoticeKind::Info,
             .title = published->created ? tr("%1 imported").arg(what)
                                         : tr("%1 was there already").arg(what),
             .text = {}});
    });
}

void CatalogPage::chooseImport()
{
    const QString path = QFileDialog::getExistingDirectory(this, tr("Import a skill folder"));
    if (!path.isEmpty())
        import(path);
}

void CatalogPage::dragEnterEvent(QDragEnterEvent *event)
{
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void CatalogPage::dropEvent(QDropEvent *event)
{
    for (const QUrl &url : event->mimeData()->urls()) {
        if (url.isLocalFile())
            import(url.toLocalFile());
    }
    event->acceptProposedAction();
}

QList<PaletteEntry> CatalogPage::paletteEntries()
{
    QList<PaletteEntry> entries;
    for (int row = 0; row < m_model.rowCount(); ++row) {
        const SkillVersionRecord &skill = m_model.skill(row);
        entries.append({tr("Skill"), skill.name, skill.version,
                        [this, name = skill.name] {
                            m_desk.commands.find(u"page.catalog"_s)->trigger();
                            select(name);
                        }});
    }
    return entries;
}

QJsonObject CatalogPage::saveState() const
{
    return {{"skill"_L1, m_wanted},
            {"splitter"_L1, QString::fromLatin1(m_splitter->saveState().toBase64())}};
}

void CatalogPage::restoreState(const QJsonObject &state)
{
    m_wanted = state.value("skill"_L1).toString();
    m_splitter->restoreState(
        QByteArray::fromBase64(state.value("splitter"_L1).toString().toLatin1()));
}

void CatalogPage::applyTheme(const Theme &theme)
{
    m_delegate->setTheme(theme);
    m_state->applyTheme(theme);
    m_view->applyTheme(theme);
    m_list->viewport()->update();
}

} // namespace skillbox
