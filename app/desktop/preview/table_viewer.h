#pragma once

#include "app/desktop/preview/background_task.h"
#include "app/desktop/preview/csv_model.h"
#include "app/desktop/preview/csv_query.h"
#include "app/desktop/preview/grid_view.h"
#include "app/desktop/preview/viewer.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QTimer>

namespace skillbox {

/// CSV and TSV of any size as a table: the first rows at once, the others as they are found; sorted
/// by a click on a column, filtered by a field. GUI thread.
class TableViewer : public Viewer
{
    Q_OBJECT

public:
    explicit TableViewer(QWidget *parent = nullptr);
    void open(const SharedFile &file, const QString &name) override;
    void close() override;
    void applyTheme(const Theme &theme) override;
    QWidget *tools() override { return m_tools; }

    const CsvModel &model() const { return m_model; }

private:
    struct Start {
        CsvFormat format;
        bool readable = false;
    };
    void begin(const CsvFormat &format);
    void reindex();
    void ask();
    void showAnswer(CsvAnswer answer);
    void tick();
    void giveUpQuery();
    void showStatus();
    void sortBy(int column);

    CsvModel m_model;
    GridView *m_grid;
    QWidget *m_tools;
    QLineEdit *m_filter;
    QComboBox *m_column;
    QComboBox *m_separator;
    QCheckBox *m_header;
    QWidget *m_work;
    QProgressBar *m_progress;
    QLabel *m_status;
    QPushButton *m_cancel;

    SharedFile m_file;
    CsvFormat m_format;
    std::shared_ptr<CsvIndex> m_index;
    CsvQuery m_query;
    std::shared_ptr<std::atomic<int>> m_queryProgress;
    bool m_asked = false; ///< a query runs
    bool m_waits = false; ///< one is to be run when the index is complete
    QTimer m_tick;
    QTimer m_filterDelay;
    BackgroundTask m_starting;
    BackgroundTask m_indexing;
    BackgroundTask m_asking;
};

} // namespace skillbox
