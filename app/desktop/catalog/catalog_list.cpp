#include "app/desktop/catalog/catalog_page.h"

#include "app/desktop/catalog/catalog_delegate.h"
#include "app/desktop/catalog/chosen_bar.h"
#include "app/desktop/catalog/facet_panel.h"
#include "app/desktop/catalog/job_bar.h"
#include "app/desktop/catalog/server_dialog.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/shell/command_registry.h"
#include "app/desktop/shell/navigation.h"
#include "app/desktop/shell/notifications.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/state_view.h"

#include <QJsonArray>
#include <QMessageBox>

using namespace Qt::StringLiterals;

// The catalog page's list: what is in it, what is chosen, and what is done with that.

namespace skillbox {

void CatalogPage::takeEntries()
{
    const QStringList chosen = chosenNames();
    const QString current = currentName();
    m_restoring = true;
    m_model.setEntries(m_desk.session.catalog().entries());
    rowsChanged(chosen, current);
}

void CatalogPage::typed()
{
    m_typed = m_search->text().simplified();
    ++m_question; // an answer to what was typed before is not wanted any more
    if (m_typed.isEmpty())
        m_searchDelay.stop();
    else
        m_searchDelay.start();
    filter();
}

void CatalogPage::filter()
{
    CatalogFilter filter;
    filter.words = m_typed.toLower().split(u' ', Qt::SkipEmptyParts);
    filter.chosen = m_facets->chosen();
    // What the longer text found is still found while a word is being typed to its end.
    if (!m_typed.isEmpty() && filter.words == m_model.filter().words)
        filter.found = m_model.filter().found;
    const QStringList chosen = chosenNames();
    const QString current = currentName();
    m_restoring = true;
    m_model.setFilter(filter);
    rowsChanged(chosen, current);
}

void CatalogPage::rowsChanged(const QStringList &chosen, const QString &current)
{
    m_restoring = true; // one selection for the views, not one for each row
    QItemSelection selection;
    const QSet<QString> names(chosen.cbegin(), chosen.cend());
    for (int row = 0; row < m_model.rowCount() && !names.isEmpty(); ++row) {
        const int first = row;
        while (row < m_model.rowCount() && names.contains(m_model.entry(row).name))
            ++row;
        if (row > first)
            selection.select(m_model.index(first, 0),
                             m_model.index(row - 1, CatalogModel::ColumnCount - 1));
    }
    int row = m_wanted.isEmpty() ? -1 : m_model.rowOf(m_wanted);
    if (row < 0)
        row = m_model.rowOf(current);
    else if (m_wanted != current)
        selection.clear();
    if (row < 0 && m_model.rowCount() > 0)
        row = 0;
    if (row >= 0) {
        if (selection.isEmpty())
            selection.select(m_model.index(row, 0),
                             m_model.index(row, CatalogModel::ColumnCount - 1));
        m_selection.setCurrentIndex(m_model.index(row, 0), QItemSelectionModel::NoUpdate);
    }
    m_selection.select(selection, QItemSelectionModel::ClearAndSelect);
    m_restoring = false;
    m_facets->setCounts(m_model.facetCounts());
    selectionChanged();
    showStanding();
    currentChanged();
}

void CatalogPage::showStanding()
{
    const EngineThread &engine = m_desk.session.engine();
    const CatalogFeed &feed = m_desk.session.catalog();
    const CatalogFeed::Source &local = feed.sources().first();
    if (engine.state() == EngineThread::State::Failed) {
        m_state->showMessage(u"error"_s, tr("The store cannot be opened"), engine.error().message,
                             tr("Try again"), [this] {
                                 EngineThread &again = m_desk.session.engine();
                                 again.open(EngineConfig(again.config()));
                             });
    } else if (!feed.isLoaded()) {
        m_state->showLoading(tr("Opening the store …"));
    } else if (local.state == CatalogFeed::Source::State::Failed) {
        m_state->showMessage(u"error"_s, tr("The skills cannot be listed"), local.error.message,
                             tr("Try again"), [this] { m_desk.session.catalog().refresh(); });
    } else if (m_model.rowCount() > 0) {
        m_state->showContent();
    } else if (m_model.total() == 0) {
        m_state->showMessage(u"skill"_s, tr("No skills yet"),
                             tr("Drop a skill folder or a zip here, or import one. Agents on this "
                                "machine find it then."),
                             tr("Import …"), [this] { m_actions.chooseImport(); });
    } else {
        m_state->showMessage(
            u"search"_s, tr("Nothing found"),
            m_typed.isEmpty() ? tr("No skill is like that.")
                              : tr("No skill has “%1” in its name, description or instructions, and "
                                   "is as the filters want it.").arg(m_typed),
            tr("Clear search and filters"), [this] {
                m_facets->setChosen({});
                m_search->clear();
                filter();
            });
    }
    if (m_model.rowCount() == 0)
        m_view->showNothing();
    m_standing->setVisible(m_model.total() > 0);
    const QLocale locale;
    m_standing->setText(m_model.rowCount() == m_model.total()
                            ? m_model.total() == 1 ? tr("1 skill")
                                                     : tr("%1 skills").arg(locale.toString(m_model.total()))
                            : tr("%1 of %2 skills").arg(locale.toString(m_model.rowCount()),
                                                        locale.toString(m_model.total())));
}

QStringList CatalogPage::chosenNames() const
{
    QStringList names;
    for (const CatalogEntry *entry : chosenEntries())
        names.append(entry->name);
    return names;
}

QString CatalogPage::currentName() const
{
    const QModelIndex current = m_selection.currentIndex();
    return current.isValid() ? m_model.entry(current.row()).name : QString();
}

QList<const CatalogEntry *> CatalogPage::chosenEntries() const
{
    QList<const CatalogEntry *> entries;
    QSet<int> seen; // a range a row or a range a cell, as the views like
    for (const QItemSelectionRange &range : m_selection.selection()) {
        for (int row = range.top(); row <= range.bottom(); ++row) {
            if (seen.contains(row))
                continue;
            seen.insert(row);
            entries.append(&m_model.entry(row));
        }
    }
    return entries;
}

QList<ChosenSkill> CatalogPage::chosenSkills(const QString &source) const
{
    QList<ChosenSkill> skills;
    for (const CatalogEntry *entry : chosenEntries()) {
        // A server's is only wanted where there is none here.
        if (!source.isEmpty() && entry->isLocal())
            continue;
        if (const SkillPlace *place = entry->at(source))
            skills.append({source, entry->name, place->newest.version});
    }
    return skills;
}

void CatalogPage::selectionChanged()
{
    if (m_restoring)
        return;
    const QList<const CatalogEntry *> entries = chosenEntries();
    const auto local = std::count_if(entries.cbegin(), entries.cend(),
                                     [](const CatalogEntry *entry) { return entry->isLocal(); });
    m_chosenBar->setCounts(entries.size(), local, entries.size() - local);
}

void CatalogPage::currentChanged()
{
    const QModelIndex current = m_selection.currentIndex();
    if (m_restoring || !current.isValid())
        return;
    const CatalogEntry &entry = m_model.entry(current.row());
    if (entry.name == m_wanted && !m_wantedVersion.isEmpty())
        m_view->showVersion(entry, entry.main().source, m_wantedVersion);
    else
        m_view->show(entry);
    m_wanted = entry.name;
    m_wantedVersion.clear();
    currentView()->scrollTo(current);
}

void CatalogPage::select(const QString &name, const QString &version)
{
    m_wanted = name;
    m_wantedVersion = version;
    showDetails(true);
    if (m_model.rowOf(name) < 0 && !m_model.filter().isEmpty()) {
        m_facets->setChosen({});
        m_search->clear();
        filter();
    }
    rowsChanged({}, {});
}

void CatalogPage::showContextMenu(const QPoint &globalPosition)
{
    const QList<ChosenSkill> local = chosenSkills({});
    const QList<const CatalogEntry *> entries = chosenEntries();
    if (entries.isEmpty())
        return;
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (!local.isEmpty()) {
        if (local.size() == 1) {
            menu->addAction(tr("Run"), this, [this, local] { m_actions.run(local.first()); });
            menu->addAction(tr("Edit"), this, [this, local] { m_actions.edit(local.first()); });
        }
        auto *publish = menu->addMenu(tr("Publish to"));
        m_actions.fillServerMenu(*publish, [this, local](const QString &server) {
            m_actions.publish(local, server);
        });
        menu->addAction(tr("Export as zip …"), this,
                        [this, local] { m_actions.exportSkills(local); });
        menu->addSeparator();
        menu->addAction(tr("Yank"), this, [this, local] { m_actions.setYanked(local, true); });
        menu->addAction(tr("Delete …"), this, &CatalogPage::removeChosen);
    }
    for (const Remote &remote : m_desk.session.remotes().servers()) {
        const QList<ChosenSkill> there = chosenSkills(remote.name);
        if (!there.isEmpty()) {
            menu->addAction(tr("Take over from %1").arg(remote.name), this,
                            [this, there, name = remote.name] { m_actions.pull(there, name); });
        }
    }
    if (entries.size() == 1) {
        menu->addSeparator();
        const ChosenSkill skill{{}, entries.first()->name, entries.first()->main().newest.version};
        menu->addAction(tr("Copy name"), this, [this, skill] { m_actions.copyName(skill); });
        menu->addAction(tr("Copy reference"), this,
                        [this, skill] { m_actions.copyReference(skill); });
    }
    menu->popup(globalPosition);
}

void CatalogPage::removeChosen()
{
    m_actions.remove(chosenSkills({}), CatalogActions::Extent::WholeSkills);
}

void CatalogPage::editServer(const QString &name)
{
    const Remote *known = name.isEmpty() ? nullptr : m_desk.session.remotes().find(name);
    (new ServerDialog(m_desk, known, this))->open();
}

void CatalogPage::showServerMenu(const QString &name, const QPoint &globalPosition)
{
    const auto &sources = m_desk.session.catalog().sources();
    const auto source = std::find_if(sources.cbegin(), sources.cend(),
                                     [&](const auto &one) { return one.name == name; });
    if (source == sources.cend())
        return;
    auto *menu = new QMenu(this);
    menu->setObjectName(u"catalog.serverMenu"_s);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (source->state == CatalogFeed::Source::State::Failed) {
        menu->addAction(source->error.message.section(u'\n', 0, 0).left(120))->setEnabled(false);
        menu->addSeparator();
    }
    menu->addAction(tr("Ask again"), this,
                    [this, name] { m_desk.session.catalog().refreshServer(name); });
    menu->addAction(tr("Publish everything that it does not have"), this, [this, name] {
        QList<ChosenSkill> skills;
        for (const CatalogEntry &entry : m_desk.session.catalog().entries()) {
            if (entry.isLocal() && !entry.main().isYanked()
                && (!entry.at(name) || entry.at(name)->newest.version != entry.main().newest.version))
                skills.append({{}, entry.name, entry.main().newest.version});
        }
        if (skills.isEmpty())
            m_desk.notifications.post({.kind = NoticeKind::Info,
                                       .title = tr("%1 has everything already").arg(name),
                                       .text = {}});
        else
            m_actions.publish(skills, name);
    });
    menu->addSeparator();
    menu->addAction(tr("Change …"), this, [this, name] { editServer(name); });
    menu->addAction(tr("Forget this server …"), this, [this, name] {
        auto *box = new QMessageBox(QMessageBox::NoIcon, tr("Forget a server"),
                                    tr("Forget %1?").arg(name), QMessageBox::NoButton, this);
        box->setAttribute(Qt::WA_DeleteOnClose);
        box->setTextFormat(Qt::PlainText);
        box->setInformativeText(
            tr("Its address and key go from this machine. Nothing changes on the server."));
        QPushButton *confirm = box->addButton(tr("Forget"), QMessageBox::DestructiveRole);
        confirm->setProperty("kind", u"danger"_s);
        box->setDefaultButton(box->addButton(QMessageBox::Cancel));
        connect(confirm, &QPushButton::clicked, this, [this, name] {
            m_desk.session.remotes().remove(this, name, [this](const Result<void> &removed) {
                if (!removed)
                    m_desk.notifications.post({.kind = NoticeKind::Error,
                                               .title = tr("The server is still known"),
                                               .text = removed.error().message});
            });
        });
        box->open();
    });
    menu->popup(globalPosition);
}

void CatalogPage::jobStarted(SkillJob *job)
{
    m_jobBar->follow(job);
}

void CatalogPage::jobFinished(SkillJob *job)
{
    const auto &waiting = m_desk.session.transfers().waiting();
    m_jobBar->follow(waiting.isEmpty() ? nullptr : waiting.first());
    const QList<JobItem> &items = job->items();
    const auto done = std::find_if(items.cbegin(), items.cend(), [](const JobItem &item) {
        return item.state == JobItem::State::Done || item.state == JobItem::State::AlreadyThere;
    });
    if (done != items.cend()
        && (job->kind() == SkillJob::Kind::Import || job->kind() == SkillJob::Kind::Pull)) {
        m_wanted = done->name;
        if (m_model.rowOf(m_wanted) >= 0)
            rowsChanged({}, {});
    }
    if (job->hasProblems()) {
        showJob(job);
        return;
    }
    if (m_jobDialog && m_jobDialog->job() == job)
        return; // it is told there
    const bool all = items.size() == job->count(JobItem::State::AlreadyThere);
    const QString what = items.size() == 1 ? JobBar::itemTitle(items.first())
                                           : tr("%1 skills").arg(items.size());
    QString title;
    switch (job->kind()) {
    case SkillJob::Kind::Import:
        title = all ? tr("%1 was there already").arg(what) : tr("%1 imported").arg(what);
        break;
    case SkillJob::Kind::Publish:
        title = all ? tr("%2 has %1 already").arg(what, job->place())
                    : tr("%1 published to %2").arg(what, job->place());
        break;
    case SkillJob::Kind::Pull:
        title = all ? tr("%1 was there already").arg(what)
                    : tr("%1 taken over from %2").arg(what, job->place());
        break;
    case SkillJob::Kind::Export: title = tr("%1 exported").arg(what); break;
    }
    m_desk.notifications.post({.kind = all ? NoticeKind::Info : NoticeKind::Success,
                               .title = title,
                               .text = job->kind() == SkillJob::Kind::Export ? job->place()
                                                                             : QString()});
    m_desk.session.transfers().forget(job);
}

void CatalogPage::showJob(SkillJob *job)
{
    if (m_jobDialog && m_jobDialog->job() == job) {
        m_jobDialog->raise();
        return;
    }
    m_jobDialog = new JobDialog(m_desk, *job, m_theme, this);
    connect(m_jobDialog, &QDialog::finished, this, [this, guard = QPointer(job)] {
        if (guard)
            m_desk.session.transfers().forget(guard);
    });
    m_jobDialog->show();
}

QList<PaletteEntry> CatalogPage::paletteEntries()
{
    QList<PaletteEntry> entries;
    for (const CatalogEntry &entry : m_desk.session.catalog().entries()) {
        entries.append({tr("Skill"), entry.name,
                        entry.isLocal() ? entry.main().newest.version : entry.main().source,
                        [this, name = entry.name] {
                            Q_EMIT m_desk.navigation.skillRequested(name, {});
                        }});
    }
    return entries;
}

QJsonObject CatalogPage::saveState() const
{
    return {{"skill"_L1, currentName()},
            {"cards"_L1, m_cardsButton->isChecked()},
            {"filters"_L1, m_facetsButton->isChecked()},
            {"details"_L1, m_detailsButton->isChecked()},
            {"sort"_L1, static_cast<int>(m_model.sortColumn())},
            {"descending"_L1, m_model.sortOrder() == Qt::DescendingOrder},
            {"splitter"_L1, QString::fromLatin1(m_splitter->saveState().toBase64())}};
}

void CatalogPage::restoreState(const QJsonObject &state)
{
    m_wanted = state.value("skill"_L1).toString();
    setCards(state.value("cards"_L1).toBool(true));
    m_facetsButton->setChecked(state.value("filters"_L1).toBool(true));
    showDetails(state.value("details"_L1).toBool(true));
    const int column = state.value("sort"_L1).toInt();
    if (column >= 0 && column < CatalogModel::ColumnCount) {
        m_table->sortByColumn(column, state.value("descending"_L1).toBool() ? Qt::DescendingOrder
                                                                           : Qt::AscendingOrder);
    }
    m_splitter->restoreState(
        QByteArray::fromBase64(state.value("splitter"_L1).toString().toLatin1()));
}

void CatalogPage::applyTheme(const Theme &theme)
{
    m_theme = theme;
    m_cells->setTheme(theme);
    m_card->setTheme(theme);
    m_facetsButton->setIcon(themedIcon(u"filter"_s, theme, ColorRole::Muted, ColorRole::OnSelection));
    m_tableButton->setIcon(themedIcon(u"file-table"_s, theme, ColorRole::Muted, ColorRole::OnSelection));
    m_cardsButton->setIcon(themedIcon(u"catalog"_s, theme, ColorRole::Muted, ColorRole::OnSelection));
    m_detailsButton->setIcon(
        themedIcon(u"side-panel"_s, theme, ColorRole::Muted, ColorRole::OnSelection));
    m_facets->applyTheme(theme);
    m_state->applyTheme(theme);
    m_view->applyTheme(theme);
    if (m_jobDialog)
        m_jobDialog->applyTheme(theme);
    m_table->viewport()->update();
    m_cards->viewport()->update();
}

} // namespace skillbox
