#include "app/desktop/console/run_facts.h"

#include "app/desktop/console/run_view.h"
#include "app/desktop/widgets/controls.h"

#include <QHeaderView>
#include <QJsonArray>
#include <QJsonObject>
#include <QLocale>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QTreeWidgetItem *fact(const QString &name, const QString &value)
{
    auto *item = new QTreeWidgetItem({name, value});
    item->setToolTip(1, plainToolTip(value));
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);
    return item;
}

QString plainText(const QJsonValue &value)
{
    switch (value.type()) {
    case QJsonValue::Bool: return value.toBool() ? RunView::tr("yes") : RunView::tr("no");
    case QJsonValue::Double: return QLocale::c().toString(value.toDouble(), 'g', 15);
    case QJsonValue::String: return value.toString();
    default: return {};
    }
}

void addGroup(QTreeWidget &table, const QString &title, const QJsonValue &value)
{
    QTreeWidgetItem *group = fact(title, plainText(value));
    QFont strong = group->font(0);
    strong.setBold(true);
    group->setFont(0, strong);
    const QJsonObject object = value.toObject();
    for (auto it = object.begin(); it != object.end(); ++it)
        group->addChild(fact(it.key(), plainText(it.value())));
    for (const QJsonValue entry : value.toArray()) {
        const QJsonObject members = entry.toObject();
        QStringList parts;
        for (auto it = members.begin(); it != members.end(); ++it)
            parts.append(it.key() + u": "_s + plainText(it.value()));
        group->addChild(fact(parts.isEmpty() ? plainText(entry) : parts.join(u", "_s), {}));
    }
    table.addTopLevelItem(group);
    group->setExpanded(true);
}

} // namespace

QTreeWidget *factTable(const QString &name, const QString &title)
{
    auto *table = new QTreeWidget;
    table->setObjectName(name);
    table->setAccessibleName(title);
    table->setColumnCount(2);
    table->setHeaderHidden(true);
    table->setRootIsDecorated(false);
    table->setUniformRowHeights(true);
    table->setTextElideMode(Qt::ElideMiddle);
    table->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
    table->header()->setStretchLastSection(true);
    return table;
}

void showSandboxFacts(QTreeWidget &table, const ExecutionRecord &record)
{
    table.clear();
    const QJsonObject report = record.sandbox;
    if (report.isEmpty()) {
        table.addTopLevelItem(fact(RunView::tr("Sandbox"),
                                   isFinal(record.status)
                                       ? RunView::tr("The run never got into one.")
                                       : RunView::tr("Told at the end.")));
        return;
    }
    const QList<std::pair<QString, QString>> known{{u"level"_s, RunView::tr("Level")},
                                                   {u"backend"_s, RunView::tr("Backend")},
                                                   {u"interpreter"_s, RunView::tr("Interpreter")}};
    for (const auto &[key, title] : known) {
        if (report.contains(key))
            table.addTopLevelItem(fact(title, report.value(key).toString()));
    }
    if (report.contains(u"controls"_s))
        addGroup(table, RunView::tr("Controls that applied"), report.value("controls"_L1));
    for (auto it = report.begin(); it != report.end(); ++it) {
        const bool shown = it.key() == "controls"_L1
            || std::any_of(known.begin(), known.end(),
                           [&](const auto &entry) { return entry.first == it.key(); });
        if (!shown)
            addGroup(table, it.key() == "usage"_L1 ? RunView::tr("Usage") : it.key(), it.value());
    }
}

void showRunFacts(QTreeWidget &table, const ExecutionRecord &record)
{
    table.clear();
    const auto add = [&table](const QString &name, const QString &value) {
        if (!value.isEmpty())
            table.addTopLevelItem(fact(name, value));
    };
    const auto moment = [](const QDateTime &at) {
        return at.isValid() ? at.toLocalTime().toString(u"yyyy-MM-dd HH:mm:ss.zzz"_s) : QString();
    };
    add(RunView::tr("Run"), record.id.value);
    add(RunView::tr("Skill"), record.skillName);
    add(RunView::tr("Version"), record.skillVersion);
    add(RunView::tr("Digest"), record.skillDigest);
    add(RunView::tr("Entrypoint"), record.entrypoint);
    add(RunView::tr("Session"), record.session);
    add(RunView::tr("Asked for by"), record.caller);
    add(RunView::tr("Asked for at"), moment(record.createdAt));
    add(RunView::tr("Began"), moment(record.startedAt));
    add(RunView::tr("Ended"), moment(record.finishedAt));
    add(RunView::tr("Reason"), record.reason);
    if (record.exitCode)
        add(RunView::tr("Exit code"), QString::number(*record.exitCode));
    add(RunView::tr("Error"), record.error);
}

} // namespace skillbox
