#include "textflag.h"

// func passing(text *byte, n int, filter *uint64) (at int, even, odd uint32)
//
// Sixteen windows at once: eight begin at every fourth byte of 32, eight two bytes
// later. Their hashes pick words of the filter, and the bit that is asked for is
// shifted to the top, where the mask is taken from.
TEXT ·passing(SB), NOSPLIT, $0-40
	MOVQ text+0(FP), SI
	MOVQ n+8(FP), CX
	MOVQ filter+16(FP), DI
	XORQ AX, AX
	SUBQ $34, CX // what the last two loads take in
	MOVL $0x20202020, DX
	VMOVD DX, X8
	VPBROADCASTD X8, Y8
	MOVL $0x9e3779b1, DX
	VMOVD DX, X9
	VPBROADCASTD X9, Y9
	MOVL $31, DX
	VMOVD DX, X10
	VPBROADCASTD X10, Y10
	XORL R8, R8
	XORL R9, R9

loop:
	CMPQ AX, CX
	JGT done
	VMOVDQU (SI)(AX*1), Y0
	VMOVDQU 2(SI)(AX*1), Y1
	VPOR Y8, Y0, Y0
	VPOR Y8, Y1, Y1
	VPMULLD Y9, Y0, Y0
	VPMULLD Y9, Y1, Y1
	VPSRLD $12, Y0, Y0 // 32 - filterBits
	VPSRLD $12, Y1, Y1
	VPSRLD $5, Y0, Y2
	VPSRLD $5, Y1, Y3
	VPCMPEQD Y6, Y6, Y6
	VPCMPEQD Y7, Y7, Y7
	VPGATHERDD Y6, (DI)(Y2*4), Y4
	VPGATHERDD Y7, (DI)(Y3*4), Y5
	VPANDN Y10, Y0, Y0 // 31 - (hash & 31)
	VPANDN Y10, Y1, Y1
	VPSLLVD Y0, Y4, Y4
	VPSLLVD Y1, Y5, Y5
	VMOVMSKPS Y4, R8
	VMOVMSKPS Y5, R9
	MOVL R8, DX
	ORL R9, DX
	JNZ done
	ADDQ $32, AX
	JMP loop

done:
	VZEROUPPER
	MOVQ AX, at+24(FP)
	MOVL R8, even+32(FP)
	MOVL R9, odd+36(FP)
	RET
