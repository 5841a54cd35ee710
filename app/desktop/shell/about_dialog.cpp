#include "app/desktop/shell/about_dialog.h"

#include "app/desktop/widgets/controls.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QSysInfo>
#include <QTreeWidget>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

#include "components.inc"

QString versionsAsText()
{
    QString text = u"Skillbox %1\n%2, %3\n"_s.arg(QApplication::applicationVersion(),
                                                   QSysInfo::prettyProductName(),
                                                   QSysInfo::kernelVersion());
    for (const Component &component : usedComponents())
        text += component.name + u' ' + component.version + u'\n';
    return text;
}

} // namespace

QList<Component> usedComponents()
{
    QList<Component> all{
        {u"Qt"_s, QString::fromLatin1(qVersion()), u"LGPL-3.0"_s,
         AboutDialog::tr("window, storage access, HTTP server")},
        {u"SQLite"_s, sqliteVersion, AboutDialog::tr("public domain"),
         AboutDialog::tr("the local store")},
        {u"libarchive"_s, libarchiveVersion, u"BSD-2-Clause"_s, AboutDialog::tr("zip archives")},
        {u"yaml-cpp"_s, yamlVersion, u"MIT"_s, AboutDialog::tr("front matter")},
        {u"OpenSSL"_s, opensslVersion, u"Apache-2.0"_s, AboutDialog::tr("digests, TLS")},
        {u"libcurl"_s, curlVersion, u"curl"_s, AboutDialog::tr("talking to team servers")},
        {u"zlib"_s, zlibVersion, u"Zlib"_s, AboutDialog::tr("packed text")},
        {u"RE2"_s, re2Version, u"BSD-3-Clause"_s, AboutDialog::tr("patterns over untrusted text")},
        {u"libseccomp"_s, seccompVersion, u"LGPL-2.1"_s,
         AboutDialog::tr("compiling the system-call filter")},
        {u"RapidJSON"_s, rapidjsonVersion, u"MIT"_s, AboutDialog::tr("checking JSON")},
        {u"prometheus-cpp"_s, prometheusVersion, u"MIT"_s, AboutDialog::tr("metrics")},
        {u"tl::expected"_s, expectedVersion, u"CC0-1.0"_s, AboutDialog::tr("results and errors")},
    };
    if (!syntaxVersion.isEmpty()) {
        all.append({u"KSyntaxHighlighting"_s, syntaxVersion, u"MIT"_s,
                    AboutDialog::tr("colours of source text")});
    } else {
        all.append({u"KSyntaxHighlighting"_s, AboutDialog::tr("not built in"), u"MIT"_s,
                    AboutDialog::tr("source text has no colours")});
    }
    for (Component &component : all) {
        if (component.version.isEmpty() || component.version == "0.0.0"_L1)
            component.version = AboutDialog::tr("as installed");
    }
    if (!popplerVersion.isEmpty())
        all.append({u"Poppler"_s, popplerVersion, u"GPL-2.0"_s, AboutDialog::tr("PDF pages")});
    return all;
}

AboutDialog::AboutDialog(QWidget *parent) : QDialog(parent)
{
    setObjectName(u"about"_s);
    setWindowTitle(tr("About Skillbox"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(24, 24, 24, 16);
    column->setSpacing(8);
    column->addWidget(
        textLabel(tr("Skillbox %1").arg(QApplication::applicationVersion()), u"title"_s));
    column->addWidget(textLabel(
        tr("Finds, checks and runs skills for AI agents, in sandboxes on this machine. It works "
           "offline, without an account, and sends nothing anywhere.")));
    column->addWidget(textLabel(
        tr("Free software under the MIT licence. It stands on these, with thanks:"), u"muted"_s));

    auto *table = new QTreeWidget;
    table->setAccessibleName(tr("Libraries, their versions and licences"));
    table->setHeaderLabels({tr("Library"), tr("Version"), tr("Licence"), tr("For")});
    table->setRootIsDecorated(false);
    table->setUniformRowHeights(true);
    table->setProperty("surface", u"table"_s);
    for (const Component &component : usedComponents()) {
        auto *row = new QTreeWidgetItem(
            table, {component.name, component.version, component.licence, component.purpose});
        row->setToolTip(3, component.purpose);
    }
    for (int i = 0; i < 3; ++i)
        table->resizeColumnToContents(i);
    table->setCurrentItem(table->topLevelItem(0));
    column->addSpacing(8);
    column->addWidget(table, 1);

    auto *foot = new QHBoxLayout;
    foot->setContentsMargins(0, 8, 0, 0);
    auto *close = new QPushButton(tr("Close"));
    close->setProperty("kind", u"primary"_s);
    close->setDefault(true);
    foot->addWidget(copyButton(tr("Copy versions"), versionsAsText));
    foot->addStretch(1);
    foot->addWidget(close);
    column->addLayout(foot);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    resize(640, 560);
    close->setFocus();
}

} // namespace skillbox
