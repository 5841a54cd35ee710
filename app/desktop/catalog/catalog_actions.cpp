#include "app/desktop/catalog/catalog_actions.h"

#include "app/desktop/session/desktop_session.h"
#include "app/desktop/shell/navigation.h"
#include "app/desktop/shell/notifications.h"

#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QMessageBox>
#include <QPushButton>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString titleOf(const ChosenSkill &skill)
{
    return u"%1 %2"_s.arg(skill.name, skill.version);
}

QString titleOf(const QList<ChosenSkill> &skills)
{
    return skills.size() == 1 ? titleOf(skills.first())
                              : CatalogActions::tr("%1 skills").arg(skills.size());
}

QList<JobItem> itemsOf(const QList<ChosenSkill> &skills)
{
    QList<JobItem> items;
    for (const ChosenSkill &skill : skills)
        items.append({.name = skill.name, .version = skill.version});
    return items;
}

} // namespace

CatalogActions::CatalogActions(const Desk &desk, QWidget *window)
    : QObject(window)
    , m_desk(desk)
    , m_window(window)
{
}

void CatalogActions::tellFailure(const QString &title, const Error &error)
{
    m_desk.notifications.post(
        {.kind = NoticeKind::Error, .title = title, .text = error.message});
}

void CatalogActions::run(const ChosenSkill &skill)
{
    RunOrder order;
    order.skill = skill.name;
    order.version = skill.version;
    Q_EMIT m_desk.navigation.runRequested(order, false);
}

void CatalogActions::edit(const ChosenSkill &skill)
{
    Q_EMIT m_desk.navigation.editPublishedRequested(skill.name, skill.version);
}

void CatalogActions::import(const QStringList &paths)
{
    QList<JobItem> items;
    for (const QString &path : paths)
        items.append({.name = {}, .version = {}, .path = path});
    if (!items.isEmpty())
        m_desk.session.transfers().start(SkillJob::Kind::Import, {}, items);
}

void CatalogActions::chooseImport()
{
    auto *dialog = new QFileDialog(m_window, tr("Import a skill folder, or a folder of skills"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    connect(dialog, &QFileDialog::filesSelected, this, &CatalogActions::import);
    dialog->open();
}

void CatalogActions::publish(const QList<ChosenSkill> &skills, const QString &server)
{
    m_desk.session.transfers().start(SkillJob::Kind::Publish, server, itemsOf(skills));
}

void CatalogActions::pull(const QList<ChosenSkill> &skills, const QString &server)
{
    m_desk.session.transfers().start(SkillJob::Kind::Pull, server, itemsOf(skills));
}

void CatalogActions::exportSkills(const QList<ChosenSkill> &skills)
{
    auto *dialog = new QFileDialog(m_window, tr("Export %1 to a folder").arg(titleOf(skills)));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, skills](const QString &folder) { exportSkills(skills, folder); });
    dialog->open();
}

void CatalogActions::exportSkills(const QList<ChosenSkill> &skills, const QString &folder)
{
    m_desk.session.transfers().start(SkillJob::Kind::Export, folder, itemsOf(skills));
}

void CatalogActions::setYanked(const QList<ChosenSkill> &skills, bool yanked)
{
    QList<std::pair<QString, QString>> versions;
    for (const ChosenSkill &skill : skills)
        versions.append({skill.name, skill.version});
    using Changed = QList<std::pair<QString, QString>>;
    m_desk.session.bin().setYanked(
        this, versions, yanked, [this, yanked, title = titleOf(skills)](const Result<Changed> &done) {
            if (!done) {
                tellFailure(yanked ? tr("Not yanked") : tr("Still yanked"), done.error());
                return;
            }
            if (done->isEmpty())
                return;
            QList<ChosenSkill> changed;
            for (const auto &[name, version] : *done)
                changed.append({{}, name, version});
            m_desk.notifications.post(
                {.kind = NoticeKind::Success,
                 .title = (yanked ? tr("%1 yanked") : tr("%1 in use again")).arg(titleOf(changed)),
                 .text = yanked ? tr("It is not chosen as the latest any more and does not run.")
                                : QString(),
                 .actionTitle = tr("Undo"),
                 .action = [this, changed, yanked] { setYanked(changed, !yanked); }});
        });
}

void CatalogActions::remove(const QList<ChosenSkill> &skills, Extent extent)
{
    QList<std::pair<QString, QString>> versions;
    for (const ChosenSkill &skill : skills)
        versions.append({skill.name, extent == Extent::WholeSkills ? QString() : skill.version});
    if (versions.isEmpty())
        return;
    const bool whole = extent == Extent::WholeSkills;
    const QString title = skills.size() > 1 ? tr("Delete %1 skills?").arg(skills.size())
        : whole ? tr("Delete %1?").arg(skills.first().name)
                : tr("Delete %1?").arg(titleOf(skills.first()));
    auto *box = new QMessageBox(QMessageBox::NoIcon, tr("Delete"), title, QMessageBox::NoButton,
                                m_window);
    box->setObjectName(u"catalog.deleteDialog"_s);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    box->setInformativeText(
        (whole ? tr("All versions go from this machine; servers keep theirs, and runs stay.")
               : tr("The version goes from this machine; servers keep theirs, and runs stay."))
        + u' ' + tr("You can undo it until Skillbox is closed."));
    QPushButton *confirm = box->addButton(tr("Delete"), QMessageBox::DestructiveRole);
    confirm->setProperty("kind", u"danger"_s);
    confirm->setObjectName(u"catalog.confirmDelete"_s);
    box->setDefaultButton(box->addButton(QMessageBox::Cancel));
    connect(confirm, &QPushButton::clicked, this, [this, versions] { removeNow(versions); });
    box->open();
}

void CatalogActions::removeNow(const QList<std::pair<QString, QString>> &versions)
{
    m_desk.session.bin().remove(
        this, versions, [this](const Result<QList<DeletedSkill>> &deleted) {
            if (!deleted) {
                tellFailure(tr("Not deleted"), deleted.error());
                return;
            }
            if (deleted->isEmpty())
                return;
            const SkillVersionRecord &first = deleted->first().record;
            m_desk.notifications.post(
                {.kind = NoticeKind::Success,
                 .title = deleted->size() == 1
                     ? tr("%1 %2 deleted").arg(first.name, first.version)
                     : tr("%1 versions deleted").arg(deleted->size()),
                 .text = {},
                 .actionTitle = tr("Undo"),
                 .action = [this, kept = *deleted] { restore(kept); }});
        });
}

void CatalogActions::restore(const QList<DeletedSkill> &deleted)
{
    m_desk.session.bin().restore(this, deleted, [this](const Result<void> &restored) {
        if (!restored)
            tellFailure(tr("Not everything was brought back"), restored.error());
    });
}

void CatalogActions::copyName(const ChosenSkill &skill)
{
    QGuiApplication::clipboard()->setText(skill.name);
}

void CatalogActions::copyReference(const ChosenSkill &skill, const QString &digest)
{
    QString reference = u"%1@%2"_s.arg(skill.name, skill.version);
    if (!digest.isEmpty())
        reference += u" "_s + digest;
    QGuiApplication::clipboard()->setText(reference);
}

void CatalogActions::fillServerMenu(QMenu &menu,
                                    const std::function<void(const QString &server)> &chosen)
{
    menu.clear();
    for (const Remote &remote : m_desk.session.remotes().servers()) {
        menu.addAction(remote.name, this, [chosen, name = remote.name] { chosen(name); })
            ->setToolTip(remote.address);
    }
    menu.addSeparator();
    menu.addAction(tr("Add a server …"), this, &CatalogActions::addServerRequested);
}

} // namespace skillbox
