#pragma once

#include "app/desktop/console/history_delegate.h"
#include "app/desktop/console/history_model.h"
#include "app/desktop/shell/page.h"
#include "engine/storage/metadata_store.h"

#include <QTimer>

class QComboBox;
class QLineEdit;
class QListView;

namespace skillbox {

class StateView;

/// The runs of this machine, whoever asked for them, with filters; fills itself while there are
/// older ones and keeps itself up to date.
class HistoryPanel : public QWidget
{
    Q_OBJECT

public:
    explicit HistoryPanel(const Desk &desk, QWidget *parent = nullptr);

    void reload();
    /// Marks it in the list as soon as it is there, without announcing it.
    void setCurrent(const ExecutionId &id);
    ExecutionId current() const;
    QList<ExecutionId> selected() const;
    /// The newest run of this skill before the given one.
    std::optional<ExecutionId> before(const ExecutionId &id) const;
    const HistoryModel &model() const { return m_model; }
    void applyTheme(const Theme &theme);
    void focusSearch();
    QJsonObject saveState() const;
    void restoreState(const QJsonObject &state);

Q_SIGNALS:
    void chosen(const skillbox::ExecutionId &id);
    void compareWanted(const skillbox::ExecutionId &left, const skillbox::ExecutionId &right);
    void rerunWanted(const skillbox::ExecutionId &id);
    void editWanted(const skillbox::ExecutionId &id);

private:
    void askNewest();
    void askOlder();
    void askUnfinished();
    void askPins();
    enum class PageKind {
        Newest,
        Older,
        Passed, ///< older, but paging has begun anew meanwhile: it goes through there again
    };
    void take(const Result<QList<ExecutionRecord>> &page, PageKind which);
    void tellState();
    void showMenu(const QPoint &at);
    void filter();

    Desk m_desk;
    QLineEdit *m_text;
    QComboBox *m_show;
    QComboBox *m_source;
    QListView *m_list;
    StateView *m_state;
    HistoryModel m_model;
    HistoryFilter m_filter;
    HistoryDelegate *m_delegate;
    std::optional<ExecutionCursor> m_oldest;
    int m_paging = 0; ///< how often paging began anew
    bool m_loaded = false;
    bool m_asking = false;
    bool m_again = false; ///< something changed while an answer was awaited
    bool m_setting = false;
    ExecutionId m_wanted;
    int m_generation = 0; ///< of the store: answers of an older one do not count
    QTimer m_poll;        ///< while something runs elsewhere that nobody tells of
};

} // namespace skillbox
