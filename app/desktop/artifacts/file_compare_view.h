#pragma once

#include "app/desktop/artifacts/image_compare.h"
#include "app/desktop/preview/background_task.h"
#include "app/desktop/preview/preview_view.h"
#include "app/desktop/widgets/state_view.h"

#include <QLabel>

namespace skillbox {

class DiffView;

/// Two files: pictures by their pixels, texts by their lines, all else by their bytes. GUI thread.
class FileCompareView : public QWidget
{
    Q_OBJECT

public:
    explicit FileCompareView(QWidget *parent = nullptr);
    void show(const PreviewSource &left, const QString &leftTitle, const PreviewSource &right,
              const QString &rightTitle);
    void clear();
    void applyTheme(const Theme &theme);
    QString summary() const { return m_summary->text(); }

    /// Of each file; larger texts are compared by their bytes.
    static constexpr qint64 mostTextBytes = 2 << 20;

private:
    struct Side {
        FileKind kind = FileKind::Binary;
        QString text;
        bool isText = false; ///< and not too large
    };
    struct Pair {
        Result<Side> sides[2] = {Side{}, Side{}};
        qint64 sameTo = 0; ///< the first byte that differs; -1: none does
    };
    static Result<Side> read(const PreviewSource &source);
    static qint64 firstDifference(const QString &left, const QString &right,
                                  const std::stop_token &stop);
    void fill(const Pair &pair);

    StateView *m_state;
    QLabel *m_left;
    QLabel *m_right;
    QLabel *m_summary;
    QStackedWidget *m_stack;
    DiffView *m_diff;
    ImageCompare *m_images;
    PreviewSource m_sources[2];
    QString m_titles[2];
    BackgroundTask m_reading;
};

} // namespace skillbox
