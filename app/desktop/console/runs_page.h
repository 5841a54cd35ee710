#pragma once

#include "app/desktop/session/run_centre.h"
#include "app/desktop/shell/page.h"

#include <QHash>

class QSplitter;
class QStackedWidget;

namespace skillbox {

class RunComparison;
class HistoryPanel;
class RequestPanel;
class RunView;
enum class SnippetLanguage;

/// The run console: what was run, what to run, and what came of it.
class RunsPage : public Page
{
    Q_OBJECT

public:
    explicit RunsPage(const Desk &desk);
    ~RunsPage() override;

    void activate() override;
    void applyTheme(const Theme &theme) override;
    QList<PaletteEntry> paletteEntries() override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;

private:
    void addCommands();
    void run();
    void start(const RunOrder &order);
    void show(const ExecutionId &id);
    void compare(const ExecutionId &left, const ExecutionId &right);
    void compareWithBefore(const ExecutionId &id);
    enum class Then { Edit, Start };
    void repeat(const ExecutionId &id, Then then);
    void chooseSnippet(const RunOrder &order);
    void copySnippet(SnippetLanguage language, const RunOrder &order);
    RunOrder orderOf(const ExecutionRecord &record) const;
    void bringToFront();

    Desk m_desk;
    QSplitter *m_splitter;
    QStackedWidget *m_right;
    QSplitter *m_workspace;
    HistoryPanel *m_history;
    RequestPanel *m_request;
    RunView *m_run;
    RunComparison *m_compare;
    /// Folders that runs of this window were made from: the record does not say.
    QHash<QString, QString> m_directories;
    bool m_placed = false; ///< the panes have their widths
    int m_start = 0;       ///< an older start's answer does not change what is shown
};

} // namespace skillbox
