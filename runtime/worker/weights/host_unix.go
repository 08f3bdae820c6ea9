//go:build unix

package weights

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"syscall"
	"time"
)

// lock takes the host's lock; the kernel gives it back when the process ends,
// however it ends.
func lock(ctx context.Context, path string, log *slog.Logger) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	for told := false; ; told = true {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { file.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			file.Close()
			return nil, err
		}
		if !told {
			log.Info("another task of this host is fetching weights; waiting for it")
		}
		if err := pause(ctx, 250*time.Millisecond); err != nil {
			file.Close()
			return nil, err
		}
	}
}

func freeBytes(dir string) (int64, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return 0, err
	}
	return int64(stat.Bavail) * int64(stat.Bsize), nil //nolint:unconvert // elsewhere than on Linux they are of other types
}

// allocated is what a file takes on the disk, holes left out.
func allocated(info os.FileInfo) int64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Blocks * 512
	}
	return 0
}
